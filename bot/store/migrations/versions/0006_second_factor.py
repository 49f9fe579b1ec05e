"""Coordinators get in with a second factor; some of them administer the service instead."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("coordinator") as table:
        table.add_column(
            sa.Column("role", sa.String(16), nullable=False, server_default="coordinator")
        )
        table.add_column(sa.Column("sealed_code_secret", sa.LargeBinary()))
        table.add_column(sa.Column("codes_since", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("last_code_step", sa.BigInteger()))
        table.add_column(sa.Column("removed_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("session") as table:
        table.add_column(
            sa.Column("code_due", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coordinator_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_code"),
        sa.ForeignKeyConstraint(
            ["coordinator_id"],
            ["coordinator.id"],
            name="fk_recovery_code_coordinator_id_coordinator",
        ),
    )
    op.create_index("ix_recovery_code_coordinator_id", "recovery_code", ["coordinator_id"])


def downgrade() -> None:
    op.drop_table("recovery_code")
    with op.batch_alter_table("session") as table:
        table.drop_column("code_due")
    with op.batch_alter_table("coordinator") as table:
        for column in ("removed_at", "last_code_step", "codes_since", "sealed_code_secret", "role"):
            table.drop_column(column)
