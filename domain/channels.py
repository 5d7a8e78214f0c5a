"""The ways to reach somebody."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """A way to reach somebody."""

    SLACK = "SLACK"
    SMS = "SMS"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
