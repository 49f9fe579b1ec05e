"""Hears danger in a person's own words: `assess` says whether someone should look, and why."""

from flows.safeguarding.detector import Assessment, assess, languages

__all__ = ["Assessment", "assess", "languages"]
