"""The process that listens to a program of the user's: `python -P -m workloads.exec -- COMMAND…`."""

from __future__ import annotations

import os

from workloads.exec.listener import main

if __name__ == "__main__":
    # Everything is sent, and the command is gone.
    os._exit(main())
