"""Start of the packaged program: the window, or the command line where it is given a command."""

import multiprocessing
import os
import sys

if __name__ == "__main__":
    # Before any import of the program: a child process re-enters here.
    multiprocessing.freeze_support()

    if sys.stdout is None:
        # A windowed program on Windows has no streams; libraries write to them all the same.
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115

    from inspector_app.__main__ import main

    sys.exit(main())
