"""What a wiped preparation leaves behind, and which messages a Telegram chat holds."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("participant") as batch:
        batch.add_column(sa.Column("wiped_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(
            sa.Column("keeps_out", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.add_column(sa.Column("sealed_alert_name", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("delivery") as batch:
        batch.add_column(
            sa.Column("quotes", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_table(
        "heard_message",
        sa.Column("chat", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chat", "message", name="pk_heard_message"),
    )
    op.create_index("ix_heard_message_at", "heard_message", ["at"])


def downgrade() -> None:
    op.drop_table("heard_message")
    with op.batch_alter_table("delivery") as batch:
        batch.drop_column("quotes")
    with op.batch_alter_table("participant") as batch:
        batch.drop_column("sealed_alert_name")
        batch.drop_column("keeps_out")
        batch.drop_column("wiped_at")
