"""The service's one row: read and written whole, sealed with a data key of its own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bot.service.settings import Service
from bot.store.models import AuditEntry, ServiceRow
from bot.store.sealing import KeyRing

SERVICE_ID = UUID("5e41ce00-0000-4000-8000-000000000001")
"""The row's id, and the owner of the data key that seals it."""


def read_service(session: Session, ring: KeyRing, *, to_change: bool = False) -> Service | None:
    """None where nobody has said anything of it yet. Raises KeyGone, SealBroken.

    Args:
        to_change: nobody else changes it before the transaction ends.
    """
    row = session.get(ServiceRow, SERVICE_ID, with_for_update=to_change)
    if row is None:
        return None
    body = ring.of(SERVICE_ID).open("service", row.id, "sealed_body", row.sealed_body)
    return Service.model_validate_json(body)


def write_service(
    session: Session, ring: KeyRing, service: Service, actor: str, now: datetime
) -> None:
    """Puts it in the place of whatever was there. The audit log says who did."""
    seal = ring.find(SERVICE_ID) or ring.create(SERVICE_ID)
    body = seal.close("service", SERVICE_ID, "sealed_body", service.model_dump_json())
    row = session.get(ServiceRow, SERVICE_ID)
    if row is None:
        session.add(ServiceRow(id=SERVICE_ID, sealed_body=body, changed_at=now))
    else:
        row.sealed_body, row.changed_at = body, now
    session.add(AuditEntry(at=now, actor=actor, action="service_set", subject_id=SERVICE_ID))
    session.flush()
