"""Tables of people's numbers and addresses: proved, or about to be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.columns import plain_json
from storage.moments import Moment


class VerifiedContactRow(SQLModel, table=True):
    """A contact whose owner has typed in the code that was sent to it: it stands for this address and no other."""

    __tablename__ = "verified_contacts"
    person: str = Field(primary_key=True)
    contact: str = Field(primary_key=True)
    address: str
    verified_at: datetime = Field(sa_type=Moment)


class ContactCodeRow(SQLModel, table=True):
    """A code that was asked for, by the hashes of what was sent: a second attempt to send it is another number."""

    __tablename__ = "contact_codes"
    __table_args__ = (Index("contact_codes_by_person", "person", "contact", "made_at"),)
    id: str = Field(primary_key=True)
    person: str
    contact: str
    address: str
    made_at: datetime = Field(sa_type=Moment)
    tries: int
    salt: str
    hashes: Any = plain_json()
    is_used: bool
    failure: str
