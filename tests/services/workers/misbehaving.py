"""A worker that goes wrong in the way its first argument names."""

import os
import signal
import sys

from speaking import (
    PROTOCOL_VERSION,
    commands,
    log,
    say,
    say_heartbeat,
    say_hello,
    wait_for_ever,
)


def obedient() -> None:
    """Answer every command with a heartbeat and end with the commands."""
    say_hello()
    for _ in commands():
        say_heartbeat()


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
    wait_for_ever()


def hangs() -> None:
    """Say hello and never anything again, nor end with the commands."""
    say_hello()
    wait_for_ever()


def ignores_everything() -> None:
    """Only SIGKILL helps."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hangs()


def speaks_gibberish() -> None:
    say_hello()
    sys.stdout.write("Downloading weights: 100%\n")
    sys.stdout.flush()
    wait_for_ever()


def speaks_gibberish_first() -> None:
    sys.stdout.write("Welcome to libfoo 2.0\n")
    sys.stdout.flush()
    wait_for_ever()


def speaks_before_hello() -> None:
    say_heartbeat()
    wait_for_ever()


def speaks_another_version() -> None:
    say_hello(protocol=PROTOCOL_VERSION + 1)
    wait_for_ever()


def speaks_a_later_version() -> None:
    """Its hello has fields that this version does not know."""
    say("hello", protocol=PROTOCOL_VERSION + 7, mood="splendid")
    wait_for_ever()


def speaks_in_long_lines() -> None:
    say_hello()
    mask = {"size": [4096, 4096], "counts": "0" * (8 * 2**20)}
    candidates = [{"mask": mask, "quality_01": 0.5}]
    say("segmented", request_id=1, click_model="m", candidates=candidates, seconds=0.1)
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
    for _ in commands():
        pass


def shows_its_environment() -> None:
    say_hello()
    log("environment: " + " ".join(sorted(os.environ)))
    for _ in commands():
        pass


def imports_the_program() -> None:
    import inspector_app  # noqa: F401, PLC0415  (that it can is what is tested)

    obedient()


if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    globals()[name](*(int(number) for number in numbers))
