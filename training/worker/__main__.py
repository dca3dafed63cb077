"""Entry of a worker process: ``python -m training.worker``."""

import multiprocessing

from training.worker.stdio import claim_pipes


def main() -> None:
    """Run a worker until its standard input ends."""
    pipes = claim_pipes()

    # Only now: these import libraries that print, and that read the environment.
    from training.worker.environment import prepare_environment, start_log  # noqa: PLC0415

    prepare_environment()
    start_log()

    from training.worker.product import product_services  # noqa: PLC0415
    from training.worker.run import run_worker  # noqa: PLC0415

    run_worker(pipes, product_services())


if __name__ == "__main__":
    multiprocessing.freeze_support()
    main()
