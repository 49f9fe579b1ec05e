"""Alerts: someone may be in danger. Raised, sent to people, passed on until somebody acts."""
