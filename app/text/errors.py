"""What an error says, without its number and the Python around it."""

from __future__ import annotations


def error_text(error: Exception) -> str:
    """`No space left on device`; of an error of no system call its own words."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
