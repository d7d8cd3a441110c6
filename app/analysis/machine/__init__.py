"""The machine's state while a run was measured."""
