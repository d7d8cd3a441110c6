"""Why a run is not faster: frames → windows of numbers → rules → verdicts. Standard library and msgspec only."""
