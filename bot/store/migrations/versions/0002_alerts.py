"""Alerts that are passed on until somebody acts, and the service's own settings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("alert") as batch:
        batch.add_column(
            sa.Column("source", sa.String(length=12), nullable=False, server_default="tapped")
        )
        batch.add_column(sa.Column("rung", sa.BigInteger(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("pass_on_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("acknowledged_by", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("outcome", sa.String(length=12), nullable=True))
        batch.create_index("ix_alert_pass_on_at", ["pass_on_at"])
    # Raised before alerts were passed on: whoever has not acted is asked again at once.
    op.execute("UPDATE alert SET pass_on_at = raised_at WHERE acknowledged_at IS NULL")
    op.create_table(
        "service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service"),
    )


def downgrade() -> None:
    op.drop_table("service")
    with op.batch_alter_table("alert") as batch:
        batch.drop_index("ix_alert_pass_on_at")
        for column in ("outcome", "acknowledged_by", "pass_on_at", "rung", "source"):
            batch.drop_column(column)
