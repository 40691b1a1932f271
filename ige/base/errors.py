"""Errors a user can cause: one line that says what, where, expected, found and what to do next.

The command line prints such an error without a traceback and ends with exit code 2; any other exception is a
bug, shows its traceback and ends with exit code 1.
"""

from __future__ import annotations

from pathlib import Path

EXIT_CODE_USER_ERROR = 2


class IgeError(Exception):
    """An error that the user can mend; its text is a single line."""

    def __init__(
        self,
        what: str,
        *,
        where: Path | str | None = None,
        expected: str | None = None,
        found: str | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.found = found
        self.next_step = next_step

    def __str__(self) -> str:
        text = self.what if self.where is None else f"{self.where}: {self.what}"
        facts = []
        if self.expected is not None:
            facts.append(f"expected {self.expected}")
        if self.found is not None:
            facts.append(f"found {self.found}")
        if facts:
            text += ": " + ", ".join(facts)
        if self.next_step is not None:
            text += f". {self.next_step}"
        return " ".join(text.split())


class InputError(IgeError):
    """A file or an argument is missing, damaged or not what it should be."""


class SettingsError(IgeError):
    """params.yaml holds something that cannot be."""

    def __str__(self) -> str:
        # One screen, a line per wrong value: the one error of ours that may have several lines.
        return self.what


class StorageError(IgeError):
    """A file cannot be written or does not hold what its digest says."""


class TrainingError(IgeError):
    """A training cannot go on, e.g. because its gradients are no longer finite."""
