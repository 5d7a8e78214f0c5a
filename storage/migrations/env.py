"""What Alembic runs: the revisions, on the connection and in the transaction that it is given."""

from alembic import context
from sqlmodel import SQLModel

import storage.approval_tables
import storage.checkup_tables
import storage.drill_tables
import storage.intake_tables
import storage.origin_tables
import storage.outage_tables
import storage.oversight_tables
import storage.postmortem_tables
import storage.preference_tables
import storage.repeat_tables
import storage.reply_tables
import storage.room_tables
import storage.storm_tables
import storage.tables
import storage.telephone_tables
import storage.trouble_tables
import storage.update_tables  # noqa: F401  (fills the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
