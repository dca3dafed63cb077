"""Faults of the environment that an operator can act on.

Everything that is not a :class:`KnownError` is a bug and is left to rise to the
process's hook.
"""

from enum import StrEnum


class ErrorKind(StrEnum):
    """How a job or a request failed; the first four carry a remedy for the operator."""

    OUT_OF_MEMORY = "out_of_memory"
    BAD_DATA = "bad_data"
    MISSING_WEIGHTS = "missing_weights"
    DISK_FULL = "disk_full"
    BUG = "bug"


class KnownError(Exception):
    """A fault with a sentence for the operator and a hint what to do about it."""

    kind = ErrorKind.BAD_DATA

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """One line: what is wrong, then the remedy."""
        return f"{self.message} — {self.hint}" if self.hint else self.message


class BadDataError(KnownError):
    """A file or a data set cannot be used as it is."""


class OutOfMemoryError(KnownError):
    """Neither the GPU nor the host had the memory a single item needs."""

    kind = ErrorKind.OUT_OF_MEMORY


class MissingWeightsError(KnownError):
    """A model's weights are absent, damaged or not the published ones."""

    kind = ErrorKind.MISSING_WEIGHTS


class DiskFullError(KnownError):
    """A write failed because the disk has no room."""

    kind = ErrorKind.DISK_FULL


class BugError(Exception):
    """A caller broke a rule of this program."""
