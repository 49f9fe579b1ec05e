"""Logs: one line of JSON an event, with ids and codes only. What people write never gets here."""

import logging
import sys

import structlog


def set_up() -> None:
    """Everything to standard error; the libraries that log addresses with tokens kept quiet."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s")
    for chatty in ("httpx", "httpcore", "telegram", "uvicorn", "multipart"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
