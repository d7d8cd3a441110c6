"""Property tests here are given all the time they need: how fast a loaded machine is, is no claim of theirs."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
