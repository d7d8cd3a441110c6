"""Tells torch's launcher to leave the output of ranks alone: they send what they print as frames."""

from __future__ import annotations

import os

from torch.distributed.elastic.multiprocessing import LogsDest, LogsSpecs


class Unlogged(LogsSpecs):
    """No files, no folder for them, and no thread that would read them."""

    @property
    def root_log_dir(self) -> str:
        """Nowhere."""
        return os.devnull

    def reify(self, envs: dict[int, dict[str, str]]) -> LogsDest:
        """The ranks keep the streams of the launcher; how they failed is said on their lines."""
        for env in envs.values():
            env["TORCHELASTIC_ERROR_FILE"] = ""
        console = dict.fromkeys(envs, "")
        return LogsDest(stdouts=console, stderrs=console, error_files=dict.fromkeys(envs, os.devnull))
