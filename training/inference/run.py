"""One batch inspection from its folder to its results."""

from pathlib import Path

from training.context import JobContext


def run_inspection(inspection_folder: Path, context: JobContext) -> dict[str, float]:
    """Score every image of the manifest that has no line in ``results.jsonl`` yet.

    An image that cannot be read becomes an `ImageScored` with an error; the batch goes on.

    Returns:
        ``images``, ``failed``, ``seconds``, ``seconds_per_image``; where truth is known on both sides
        ``image_auroc``, ``pixel_auroc`` (at heatmap resolution), ``escapes``, ``overkills``.

    Raises:
        Cancelled: what was scored stays.
        KnownError: the bundle is damaged, or the disk is full.
    """
    raise NotImplementedError
