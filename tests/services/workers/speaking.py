"""What the scripted workers share: the protocol, without torch."""

import os
import sys
from collections.abc import Iterator

from inspector_app.protocol.base import PROTOCOL_VERSION, Frozen
from inspector_app.protocol.codec import decode_command, encode
from inspector_app.protocol.files import ModelCard
from inspector_app.protocol.messages import Command, Hello

CARD = ModelCard(
    kind="autoencoder",
    title="Autoencoder",
    task="anomaly",
    summary="Learns to draw good parts.",
    needs="Good parts only",
    config_schema={},
)


def say(message: Frozen) -> None:
    sys.stdout.buffer.write(encode(message))
    sys.stdout.buffer.flush()


def say_hello(*, protocol: int = PROTOCOL_VERSION) -> None:
    say(
        Hello(
            protocol=protocol,
            pid=os.getpid(),
            device="CPU (test)",
            model_cards=(CARD,),
            click_model="GrabCut",
            remarks=("mobile_sam.pt: not the published file",),
        )
    )


def commands() -> Iterator[Command]:
    """Yield commands until the window closes the pipe."""
    for line in sys.stdin.buffer:
        yield decode_command(line)


def log(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
