"""Trains the run folder that is named first; cancelled after the step named second, if any is.

A process of its own: where two wait for each other for ever, it says in which line, and ends.
"""

import faulthandler
import json
import sys
from pathlib import Path

from torch import distributed

from inspector_app.protocol.messages import EpochEnded, Event, Progress
from tests.training.parts import Listener
from training.context import Cancelled
from training.fit.run import run_training
from training.fit.team import rank

PATIENCE_S = 240.0


def main() -> None:
    faulthandler.dump_traceback_later(PATIENCE_S, exit=True)
    folder = Path(sys.argv[1])
    last_step = int(sys.argv[2]) if len(sys.argv) > 2 else None

    def is_enough(event: Event) -> bool:
        is_step = isinstance(event, Progress) and event.note.startswith("epoch")
        return is_step and event.done == last_step

    listener = Listener(is_enough)
    figures: dict[str, float] = {}
    try:
        figures = run_training(folder, listener)
        outcome = "completed"
    except Cancelled:
        outcome = "cancelled"
    told = {
        "outcome": outcome,
        "epochs": [event.epoch for event in listener.of(EpochEnded)],
        "figures": figures,
        "is_alone": not distributed.is_initialized() and rank() == 0,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
