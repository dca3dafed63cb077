"""The strictness every message and file of the protocol shares."""

from pydantic import BaseModel, ConfigDict

PROTOCOL_VERSION = 4
"""Raised whenever a message changes its form; both sides must agree."""

FILE_VERSION = 1
"""Raised whenever a file changes its form. Apart from the messages' version: trained models
outlive many releases, a conversation does not."""


class Frozen(BaseModel):
    """Immutable, refuses unknown fields, converts nothing silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
