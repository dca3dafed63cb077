"""The worker's pipes, claimed before a library can write to them. Standard library only."""

import os
import sys
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Pipes:
    """Commands come in on one, events go out on the other."""

    commands: int
    """File descriptor."""
    events: BinaryIO


def claim_pipes() -> Pipes:
    """Take standard input and output for the protocol.

    From now on whatever anything prints, native libraries and child processes included,
    goes to the log on stderr, and nothing but the protocol reads the commands.
    """
    events = os.fdopen(os.dup(1), "wb")
    commands = os.dup(0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return Pipes(commands, events)
