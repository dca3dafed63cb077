"""The strictness every message and file of the protocol shares."""

from pydantic import BaseModel, ConfigDict

PROTOCOL_VERSION = 1
"""Raised whenever a message or a file changes its form; both sides must agree."""


class Frozen(BaseModel):
    """Immutable, refuses unknown fields, converts nothing silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
