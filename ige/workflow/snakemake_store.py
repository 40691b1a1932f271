"""Snakemake's own records of results, in `.snakemake/`: read, given back, and marked as not to be trusted.

The one place that knows how Snakemake keeps them; a test builds, restores and edits results with the version
of the lock.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from snakemake.persistence.file import FilePersistence

# What says when and by which process, and not what of.
_TIMES = ("starttime", "endtime", "external_jobid", "incomplete", "job_hash")


class SnakemakeStore:
    """What Snakemake knows of results, by their path as the rules write it."""

    def __init__(self, folder: Path) -> None:
        self._files = FilePersistence(nolock=True, path=folder)

    def read(self, result: str) -> dict[str, Any] | None:
        """Return the record of a result, without times; None if there is none of the file that lies there.

        A job whose end Snakemake did not see leaves its results with the record of the job before it, which
        tells of a file of another time.
        """
        record = {} if self.is_marked(result) else self._read(result)
        if not record or record.get("endtime") != _time_of(result):
            return None
        return {key: value for key, value in record.items() if key not in _TIMES}

    def give_back(self, result: str, record: dict[str, Any]) -> None:
        """Let Snakemake know a result as made in the way that the record tells."""
        if self.read(result) != record:
            ended = _time_of(result)
            times = {"starttime": ended, "endtime": ended, "incomplete": False}
            self._files._io_write(self._files._metadata_path, record | times, result)
        if self.is_marked(result):
            self._files._unmark_incomplete(result)

    def is_marked(self, result: str) -> bool:
        """Whether Snakemake makes this result anew because its job did not end."""
        return bool(self._files._filter_incomplete_keys([result]))

    def mark(self, result: str) -> None:
        """Let Snakemake make a result anew, as if its job had not ended."""
        self._read(result)
        if not self.is_marked(result):
            self._files._mark_incomplete(result, None)

    def _read(self, result: str) -> dict[str, Any]:
        """Read a record; remove one that is damaged, since Snakemake itself would fail over it."""
        try:
            record = self._files._io_read(self._files._metadata_path, result)
            if isinstance(record, dict):
                return record
        except ValueError:  # bytes that are no text
            pass
        self._files._io_delete(self._files._metadata_path, result)
        return {}


def _time_of(result: str) -> float | None:
    try:
        return Path(result).stat().st_mtime
    except OSError:
        return None
