"""What a meeting's coordinator writes of it, for everybody in the family to read."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meeting") as table:
        table.add_column(sa.Column("sealed_about", sa.LargeBinary()))


def downgrade() -> None:
    with op.batch_alter_table("meeting") as table:
        table.drop_column("sealed_about")
