"""`benchtop run` from where the plan is made, over the small real workers: `python run_small.py HOME DEED…`."""

from __future__ import annotations

import sys
from pathlib import Path

from app.ui.display import DEFAULT
from app.viewing import start_session, view
from tests.conductor.harness import plan_of

if __name__ == "__main__":
    folder, conductor = start_session(Path(sys.argv[1]), plan_of(*sys.argv[2:], name="small"))
    view(folder, DEFAULT, conductor)
