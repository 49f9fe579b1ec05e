"""For how many days each thing is kept, and why. A setting each: BEFOREHAND_KEEP_…_DAYS.

This service is a conduit: what was sent lives on in the service's own records, under their rules.
"""

from datetime import datetime, timedelta

from pydantic import BaseModel, Field


class Retention(BaseModel):
    """Days. Nothing but what a person does themselves, or a meeting that moves, changes an end."""

    keep_drafts_days: int = Field(default=30, ge=1, le=90)
    """What was never sent, after they last said something: they have moved on, and it is theirs."""
    keep_drafts_after_meeting_days: int = Field(default=14, ge=1, le=90)
    """All drafts, sent or not, after the meeting: time to look back once, and no more."""
    keep_sent_days: int = Field(default=90, ge=1, le=365)
    """What was sent, after the meeting: the first review usually falls within three months."""
    keep_attachments_days: int = Field(default=90, ge=1, le=365)
    """Voices, pictures and files that were sent. Never longer than what they belong to."""
    keep_warning_days: int = Field(default=14, ge=1, le=60)
    """How long before that the coordinator is warned: two working weeks, to keep what they must."""
    keep_alerts_days: int = Field(default=365, ge=30)
    """That help was called, and when someone acknowledged it: a complaint may take a year. One
    that nobody has acknowledged stays until somebody does."""
    keep_audit_days: int = Field(default=730, ge=365)
    """Who did what to which row. It holds no words, and has to outlast what it is asked about."""
    keep_heard_days: int = Field(default=2, ge=2, le=7)
    """Numbers of messages in Telegram chats: after 48 hours nothing can be cleared by them."""
    keep_letters_days: int = Field(default=2, ge=1, le=14)
    """Words of letters that have arrived or were given up: they stand where they went to."""
    keep_deliveries_days: int = Field(default=30, ge=2, le=365)
    """That such a letter went: what a reply to an older message is about, what never arrived."""
    keep_visits_days: int = Field(default=7, ge=1, le=90)
    """Browser visits that are over: long enough to ask who was in."""
    keep_invitations_days: int = Field(default=30, ge=1, le=365)
    """Ways in that open nothing any more: long enough to ask why."""
    keep_turns_days: int = Field(default=30, ge=2, le=90)
    """Numbers of what was handled: as long as a visit lasts at most, so that a page that stood
    open says nothing twice."""
    keep_backups_days: int = Field(default=30, ge=1, le=30)
    """Backups, and the database's own journal, outside of this service. People are told this
    number, so the operator's backups have to keep to it."""

    def attachments_until(self, starts_at: datetime, cancelled_at: datetime | None) -> datetime:
        days = min(self.keep_attachments_days, self.keep_sent_days)
        return ended_at(starts_at, cancelled_at) + timedelta(days=days)


def ended_at(starts_at: datetime, cancelled_at: datetime | None) -> datetime:
    """From when on a meeting is over: its start, or when it was called off before that."""
    return min(starts_at, cancelled_at) if cancelled_at is not None else starts_at
