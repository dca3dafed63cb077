"""A worker that goes wrong in the way its first argument names."""

import json
import os
import signal
import sys
import threading

from speaking import commands, log, say, say_hello

from inspector_app.protocol.base import PROTOCOL_VERSION
from inspector_app.protocol.messages import (
    Heartbeat,
    ImagePrepared,
    RleMask,
    SegmentCandidate,
    Segmented,
)


def obedient() -> None:
    """Answer every command with a heartbeat and end with the commands."""
    say_hello()
    for command in commands():
        log(f"got {command.type}")
        say(Heartbeat(busy=False, memory_mb=1))


def dies_of(number: int) -> None:
    say_hello()
    log("about to die")
    next(commands())
    os.kill(os.getpid(), number)


def exits_with(code: int) -> None:
    say_hello()
    next(commands())
    os._exit(code)


def exits_before_hello() -> None:
    log("ModuleNotFoundError: No module named 'torch'")
    sys.exit(1)


def never_says_hello() -> None:
    threading.Event().wait()


def hangs() -> None:
    """Say hello and never anything again."""
    say_hello()
    threading.Event().wait()


def ignores_the_end_of_input() -> None:
    say_hello()
    threading.Event().wait()


def ignores_everything() -> None:
    """Only SIGKILL helps."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ignores_the_end_of_input()


def speaks_gibberish() -> None:
    say_hello()
    sys.stdout.write("Downloading weights: 100%\n")
    sys.stdout.flush()
    threading.Event().wait()


def speaks_gibberish_first() -> None:
    sys.stdout.write("Welcome to libfoo 2.0\n")
    sys.stdout.flush()
    threading.Event().wait()


def speaks_before_hello() -> None:
    say(Heartbeat(busy=False, memory_mb=1))
    threading.Event().wait()


def speaks_another_version() -> None:
    say_hello(protocol=PROTOCOL_VERSION + 1)
    threading.Event().wait()


def speaks_a_later_version() -> None:
    """Its hello has fields that this version does not know."""
    hello = {"type": "hello", "protocol": PROTOCOL_VERSION + 7, "mood": "splendid"}
    sys.stdout.write(json.dumps(hello) + "\n")
    sys.stdout.flush()
    threading.Event().wait()


def speaks_in_long_lines() -> None:
    say_hello()
    counts = "0" * (8 * 2**20)
    mask = RleMask(size=(4096, 4096), counts=counts)
    candidate = SegmentCandidate(mask=mask, quality_01=0.5)
    say(Segmented(request_id=1, click_model="m", candidates=(candidate,), seconds=0.1))
    for _ in commands():
        pass


def never_ends_a_line() -> None:
    say_hello()
    while True:
        sys.stdout.write("x" * 65536)
        sys.stdout.flush()


def writes_much_log() -> None:
    say_hello()
    for number in range(5000):
        log(f"line {number}")
    sys.stderr.write("50 %\r100 %")
    sys.stderr.flush()
    say(ImagePrepared(request_id=1, click_model="m", seconds=0.1))
    for _ in commands():
        pass


def shows_its_environment() -> None:
    say_hello()
    names = sorted(os.environ)
    log("environment: " + " ".join(names))
    say(Heartbeat(busy=False, memory_mb=1))
    for _ in commands():
        pass


if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    globals()[name](*(int(number) for number in numbers))
