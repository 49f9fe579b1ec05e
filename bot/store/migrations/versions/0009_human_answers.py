"""What a coordinator, who is a person, answers somebody; and who sees to a task."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "human_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_human_answer"),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name="fk_human_answer_participant_id_participant",
        ),
    )
    op.create_index("ix_human_answer_participant_id", "human_answer", ["participant_id"])
    with op.batch_alter_table("task") as table:
        table.add_column(sa.Column("sealed_owner", sa.LargeBinary()))


def downgrade() -> None:
    with op.batch_alter_table("task") as table:
        table.drop_column("sealed_owner")
    op.drop_table("human_answer")
