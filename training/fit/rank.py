"""One process that learns along: `python -m training.fit.rank RUN_FOLDER`.

It learns from its share of every batch and leaves all else to the first process.
"""

import sys
from pathlib import Path

from inspector_app.protocol.messages import Event
from training.context import Cancelled
from training.fit.run import run_training
from training.fit.team import say_ready
from training.worker.environment import start_log


class Silent:
    """A context that says nothing and never decides: the first process does."""

    job_id = "rank"
    is_cancelled = False

    def emit(self, event: Event) -> None:
        pass


def main() -> int:
    start_log()
    say_ready()
    try:
        run_training(Path(sys.argv[1]), Silent())
    except Cancelled:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
