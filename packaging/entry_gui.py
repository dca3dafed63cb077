"""Start of the packaged program: the window, or the command line where it is given a command."""

import multiprocessing

if __name__ == "__main__":
    # Before any import of the program: a child process re-enters here.
    multiprocessing.freeze_support()

    import sys

    from inspector_app.__main__ import main

    sys.exit(main())
