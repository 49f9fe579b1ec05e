"""The service that runs this: who reads alerts, and when they are at work."""

from bot.service.hours import at_work_since, at_work_until, next_at_work, working_minutes
from bot.service.settings import (
    Contact,
    Hours,
    Service,
    ServiceFileRefused,
    read_service_file,
)
from bot.service.stored import SERVICE_ID, read_service, write_service

__all__ = [
    "SERVICE_ID",
    "Contact",
    "Hours",
    "Service",
    "ServiceFileRefused",
    "at_work_since",
    "at_work_until",
    "next_at_work",
    "read_service",
    "read_service_file",
    "working_minutes",
    "write_service",
]
