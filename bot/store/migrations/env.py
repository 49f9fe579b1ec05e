"""What Alembic runs around each migration. Started by store.upgrade, which owns the transaction."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext


def _plain_type(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:  # noqa: ANN401
    """Migrations never import the models, so our own types are written as what they rest on."""
    if kind == "type" and isinstance(item, sa.TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,
    render_item=_plain_type,
)
context.run_migrations()
