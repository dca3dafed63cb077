"""The program's one entry: the window without a command, the command line with one."""

import multiprocessing
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the window or a command and return the exit code."""
    # First, or a child process of the packaged program would open a second window.
    multiprocessing.freeze_support()
    words = list(sys.argv[1:] if arguments is None else arguments)
    # Imported here because each side costs start-up time that the other need not pay.
    if is_for_the_window(words):
        from inspector_app.app import main as run_window  # noqa: PLC0415

        return run_window(words)
    from inspector_app.cli.main import run as run_command  # noqa: PLC0415

    return run_command(words)


def is_for_the_window(words: Sequence[str]) -> bool:
    """Tell whether the arguments open the window: none, a folder, or the window's own options."""
    if not words:
        return True
    if words[0] == "--self-test":
        return True
    if len(words) > 1 or not Path(words[0]).is_dir():
        return False
    # A command's name wins over a folder that happens to be called the same; ./train is the folder.
    from inspector_app.cli.main import command_names  # noqa: PLC0415

    return words[0] not in command_names()


if __name__ == "__main__":
    sys.exit(main())
