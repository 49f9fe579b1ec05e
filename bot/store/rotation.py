"""A new service key: every data key is sealed with it, and every address is marked with it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import Coordinator
from bot.store.sealing import KeyRing, ServiceKey, rewrap_all


def rotate(session: Session, service_key: ServiceKey) -> int:
    """Makes the first line of the key the one that all depends on. Gives the number of data keys.

    Without the new marks, coordinators could not sign in once the old line is gone.
    """
    count = rewrap_all(session, service_key)
    ring = KeyRing(session, service_key)
    for row in session.scalars(
        select(Coordinator).where(Coordinator.removed_at.is_(None)).with_for_update()
    ):
        seal = ring.find(row.id)
        if seal is not None:
            email = seal.open_text("coordinator", row.id, "sealed_email", row.sealed_email)
            row.email_mark = service_key.marks(email)[0]
    return count
