"""The service's own row, and how far an alert has gone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service"),
    )
    with op.batch_alter_table("alert") as batch:
        batch.add_column(sa.Column("categories", sa.String(240), nullable=False, server_default=""))
        batch.add_column(
            sa.Column("escalated", sa.BigInteger(), nullable=False, server_default="0")
        )
        batch.add_column(sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("outcome", sa.String(16), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("alert") as batch:
        for column in ("outcome", "escalated_at", "escalated", "categories"):
            batch.drop_column(column)
    op.drop_table("service")
