"""Who opened what was sent first, and into whose own chat it came."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("summary") as table:
        table.add_column(sa.Column("first_read_by", sa.Uuid()))
        table.add_column(sa.Column("in_chat_of", sa.Uuid()))
    _as_the_audit_log_says()


def downgrade() -> None:
    with op.batch_alter_table("summary") as table:
        table.drop_column("in_chat_of")
        table.drop_column("first_read_by")


def _as_the_audit_log_says() -> None:
    """Each reading was noted in the moment that the row has."""
    moment = sa.DateTime(timezone=True)
    summary = sa.table(
        "summary",
        sa.column("id", sa.Uuid()),
        sa.column("participant_id", sa.Uuid()),
        sa.column("first_read_at", moment),
        sa.column("first_read_by", sa.Uuid()),
    )
    audit = sa.table(
        "audit_entry",
        sa.column("at", moment),
        sa.column("actor", sa.String()),
        sa.column("action", sa.String()),
        sa.column("subject_id", sa.Uuid()),
    )
    known = op.get_bind().execute(
        sa.select(summary.c.id, audit.c.actor)
        .join(audit, audit.c.subject_id == summary.c.participant_id)
        .where(
            audit.c.at == summary.c.first_read_at,
            audit.c.action == "summary_read",
            audit.c.actor.startswith("coordinator:"),
        )
    )
    for row, actor in known.all():
        who = UUID(actor.removeprefix("coordinator:"))
        op.get_bind().execute(
            sa.update(summary).where(summary.c.id == row).values(first_read_by=who)
        )
