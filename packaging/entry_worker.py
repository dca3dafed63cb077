"""Start of the packaged worker."""

import multiprocessing

if __name__ == "__main__":
    # Before any import of the program: a data loader's child process re-enters here.
    multiprocessing.freeze_support()

    from training.worker.__main__ import main

    main()
