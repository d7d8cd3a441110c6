"""From what a user typed to a plan: names, settings and limits are checked here, before anything starts.

Every refusal is a ValueError of one line that says what to do.
"""

from app.session.planning.making import make_plan
from app.session.planning.request import RunRequest

__all__ = ["RunRequest", "make_plan"]
