"""One training job from its run folder to its bundle."""

from pathlib import Path

from training.context import JobContext


def run_training(run_folder: Path, context: JobContext) -> dict[str, float]:
    """Train as ``job.json`` says and leave checkpoints and a bundle in the run folder.

    Returns:
        Final figures: ``epochs``, ``best_epoch``, ``val_loss``, ``threshold``, and where the
        test split has both good and defective images ``image_auroc`` (and ``pixel_auroc``).

    Raises:
        Cancelled: after the checkpoint (and, if an epoch was finished, a bundle) was saved.
        KnownError: bad data, out of memory, disk full.
    """
    raise NotImplementedError
