"""What Alembic runs: the revisions, on the connection and in the transaction that it is given."""

from alembic import context
from sqlmodel import SQLModel

import storage.approval_tables
import storage.audit_tables
import storage.catalog_tables
import storage.checkup_tables
import storage.clock_tables
import storage.contact_tables
import storage.credential_tables
import storage.drill_tables
import storage.home_tables
import storage.inbox_tables
import storage.incident_tables
import storage.intake_tables
import storage.message_tables
import storage.notification_tables
import storage.origin_tables
import storage.outage_tables
import storage.outbox_tables
import storage.oversight_tables
import storage.policy_tables
import storage.postmortem_tables
import storage.preference_tables
import storage.repeat_tables
import storage.reply_tables
import storage.room_tables
import storage.run_tables
import storage.runbook_tables
import storage.schedule_tables
import storage.sealing_tables
import storage.storm_tables
import storage.telephone_tables
import storage.token_tables
import storage.trial_tables
import storage.trouble_tables
import storage.update_tables
import storage.user_group_tables  # noqa: F401  (fills the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
