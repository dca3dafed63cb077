"""A worker that trains by heart: its losses are the `learning_rate` of the run's settings.

A rate of 0.1 fails; one of 0.2 is cancelled by nobody after an epoch, as Ctrl-C does; one of
0.3 comes to its end at the second attempt only.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "services" / "workers"))

from speaking import commands, say, say_hello

EPOCHS = 8


def say_epoch(command: dict[str, Any], epoch: int, loss: float) -> None:
    fields = {
        "job_id": command["job_id"],
        "epoch": epoch,
        "epochs": EPOCHS,
        "metrics": {"val_loss": loss},
        "seconds": 0.1,
    }
    with (Path(command["run_folder"]) / "events.jsonl").open("a") as file:
        file.write(json.dumps({"type": "epoch_ended", **fields}) + "\n")
    say("epoch_ended", **fields)


def main() -> None:
    say_hello()
    # Asked one by one, so that a cancellation is heard between two epochs.
    asked = commands()
    for command in asked:
        train(command, asked)


def train(command: dict[str, Any], asked: Any) -> None:
    job = json.loads((Path(command["run_folder"]) / "job.json").read_text())
    loss = job["config"]["learning_rate"]
    ended = {"job_id": command["job_id"], "metrics": {"image_auroc": 1.0 - loss}}
    if loss == 0.1:
        say("job_ended", outcome="failed", error_kind="bad_data", error="no such luck", **ended)
        return
    is_first = not (Path(command["run_folder"]) / "events.jsonl").exists()
    for epoch in range(1, EPOCHS + 1):
        say_epoch(command, epoch, loss)
        if loss == 0.2:
            say("job_ended", outcome="cancelled", **ended)
            return
        if epoch == 5 and loss > 0.01 and (loss < 0.3 or is_first):
            # It would be trained for ever: only a cancellation ends it.
            next(asked)
            say("job_ended", outcome="cancelled", **ended)
            return
    say("job_ended", outcome="completed", **ended)


if __name__ == "__main__":
    main()
