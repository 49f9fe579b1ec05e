"""How someone may be written to, and how each link was given to them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("participant") as table:
        table.add_column(sa.Column("sealed_contact", sa.LargeBinary()))
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("given_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("given_by", sa.String(12)))


def downgrade() -> None:
    with op.batch_alter_table("invitation") as table:
        table.drop_column("given_by")
        table.drop_column("given_at")
    with op.batch_alter_table("participant") as table:
        table.drop_column("sealed_contact")
