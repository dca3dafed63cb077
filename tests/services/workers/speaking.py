"""What the scripted workers share.

They write the protocol out by hand: without importing the program they start in a
tenth of the time, and the window's strict decoder refuses every slip made here.
"""

import json
import os
import queue
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

PROTOCOL_VERSION = 4

CARD = {
    "kind": "autoencoder",
    "title": "Autoencoder",
    "task": "anomaly",
    "summary": "Learns to draw good parts.",
    "needs": "Good parts only",
    "is_baseline": True,
    "config_schema": {},
}


def say(kind: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"type": kind, **fields}) + "\n")
    sys.stdout.flush()


def say_hello(
    *,
    protocol: int = PROTOCOL_VERSION,
    encoder: str = "",
    click_models: Sequence[str] = ("MobileSAM", "GrabCut"),
    model_kinds: Sequence[str] = ("autoencoder",),
) -> None:
    say(
        "hello",
        protocol=protocol,
        pid=os.getpid(),
        device="CPU (test)",
        model_cards=[CARD | {"kind": kind} for kind in model_kinds],
        click_model="GrabCut",
        remarks=["mobile_sam.pt: not the published file"],
        encoder=encoder,
        click_models=list(click_models),
    )


def say_heartbeat() -> None:
    say("heartbeat", busy=False, memory_mb=1)


class Commands:
    """The window's commands, read by a thread; the process ends with them."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._cancelled: dict[str, threading.Event] = defaultdict(threading.Event)
        threading.Thread(target=self._read, daemon=True).start()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while True:
            yield self._queue.get()

    def is_cancelled(self, job_id: str) -> bool:
        return self._cancelled[job_id].is_set()

    def wait_for_cancel(self, job_id: str) -> None:
        self._cancelled[job_id].wait()

    def _read(self) -> None:
        for line in sys.stdin:
            command = json.loads(line)
            if command["type"] == "cancel":
                self._cancelled[command["job_id"]].set()
            self._queue.put(command)
        os._exit(0)


def commands() -> Iterator[dict[str, Any]]:
    """Yield commands until the window closes the pipe."""
    for line in sys.stdin:
        yield json.loads(line)


def log(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def wait_for_ever() -> None:
    threading.Event().wait()
