"""`python -m bot` is the command `beforehand`."""

from bot.cli import app

app()
