"""What a service needs before families can use it, in the order in which it is done. The same for
the operator's command and for the administrators' first page."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from bot import staff
from bot.helplines import unconfirmed
from bot.service import Service, read_service
from bot.store.sealing import KeyRing


class Step(StrEnum):
    """In order: each can be done once those before it are."""

    MACHINE = "machine"
    """What whoever runs the machine sets."""
    ADMINISTRATOR = "administrator"
    """Somebody who administers, with a password and a phone that makes codes."""
    SERVICE = "service"
    """Its name, as families know it, and its hours."""
    ROTA = "rota"
    """Who acts on an alert that the coordinator does not acknowledge."""
    NUMBERS = "numbers"
    """Each number that people are given was rung."""
    COORDINATORS = "coordinators"
    """Somebody prepares meetings."""


@dataclass(frozen=True)
class Left:
    """What is left of one step, for the operator. Nothing where it is done."""

    step: Step
    to_do: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        return not self.to_do


def what_is_left(
    session: Session, ring: KeyRing, unset: tuple[str, ...], now: datetime
) -> tuple[Left, ...]:
    """Every step, done or not.

    Args:
        unset: what whoever runs the machine has still to set.
    """
    service = read_service(session, ring) or Service()
    people = staff.at_desk(session, ring, now)
    return (
        Left(Step.MACHINE, unset),
        Left(Step.ADMINISTRATOR, _administrator(people)),
        Left(
            Step.SERVICE,
            ()
            if service.name
            else ("Say what the service is called: `beforehand setup`, or on the service's page.",),
        ),
        Left(
            Step.ROTA,
            ()
            if service.in_turn
            else (
                "Say who is told of an alert that nobody acknowledges: `beforehand setup`, or on "
                "the service's page.",
            ),
        ),
        Left(Step.NUMBERS, _numbers(service, now)),
        Left(
            Step.COORDINATORS,
            ()
            if any(not one.administers for one in people)
            else ("Invite a coordinator: `beforehand coordinator invite EMAIL`.",),
        ),
    )


def _administrator(people: tuple[staff.AtDesk, ...]) -> tuple[str, ...]:
    administrators = [one for one in people if one.administers]
    if not administrators:
        return ("Nobody administers the service: `beforehand setup`.",)
    if not any(one.has_password and one.has_code for one in administrators):
        return ("No administrator has a password and a phone yet: open the link, and set both up.",)
    return ()


def _numbers(service: Service, now: datetime) -> tuple[str, ...]:
    names = [line.name for line in unconfirmed(now.date(), service.helplines_confirmed)]
    if not names:
        return ()
    return (
        f"{len(names)} numbers that people are given were not rung within 120 days. Ring each, and "
        "note it: `beforehand helplines confirm`, or on the page of numbers.",
    )
