"""What the scripted workers share.

They write the protocol out by hand: without importing the program they start in a
tenth of the time, and the window's strict decoder refuses every slip made here.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

PROTOCOL_VERSION = 1

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


def say_hello(*, protocol: int = PROTOCOL_VERSION) -> None:
    say(
        "hello",
        protocol=protocol,
        pid=os.getpid(),
        device="CPU (test)",
        model_cards=[CARD],
        click_model="GrabCut",
        remarks=["mobile_sam.pt: not the published file"],
    )


def say_heartbeat() -> None:
    say("heartbeat", busy=False, memory_mb=1)


def commands() -> Iterator[dict[str, Any]]:
    """Yield commands until the window closes the pipe."""
    for line in sys.stdin:
        yield json.loads(line)


def log(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def wait_for_ever() -> None:
    threading.Event().wait()
