"""The product's worker with MobileSAM's network and random weights.

What the network costs does not depend on the weights, which cannot be shipped. It computes
its answer in full; then blobs about the click stand in for the noise that came out, so that
what follows costs what it does for defects.
"""

from training.worker.stdio import claim_pipes

pipes = claim_pipes()

import hashlib  # noqa: E402  (as in the product: nothing before the pipes)
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402

from inspector_app.protocol.weights import WeightsEntry, WeightsManifest  # noqa: E402
from training.ultralytics_import import process_settings_kept  # noqa: E402
from training.weights import WeightsShelf  # noqa: E402
from training.worker.environment import start_log  # noqa: E402
from training.worker.product import product_services  # noqa: E402
from training.worker.run import run_worker  # noqa: E402


def random_weights(folder: Path) -> WeightsEntry:
    with process_settings_kept():
        from ultralytics.models.sam.build import build_mobile_sam  # noqa: PLC0415

    torch.manual_seed(0)
    path = folder / "mobile_sam.pt"
    torch.save(build_mobile_sam().state_dict(), path)
    data = path.read_bytes()
    return WeightsEntry(
        name="MobileSAM",
        file=path.name,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        licence="Apache-2.0",
        url="https://example.org/mobile_sam.pt",
        used_for="benchmarks",
    )


def draw_blobs() -> None:
    """Have the segmenter answer with blobs, after the network has answered."""
    # Here, because they take seconds that the hello need not wait for.
    from training.segmenters import sam  # noqa: PLC0415

    decode = sam.SamSegmenter._decode

    def decode_and_draw(self: Any, encoded: Any, given: Any, **how: Any) -> Any:
        logits, qualities = decode(self, encoded, given, **how)
        x, y = given.points[0, 0].tolist()
        rows, columns = np.mgrid[: logits.shape[-2], : logits.shape[-1]]
        distance = np.hypot(columns - x / 4, rows - y / 4)
        radii = (3.0, 9.0, 27.0)[: len(logits)]
        return np.stack([radius - distance for radius in radii]).astype(np.float32), qualities

    sam.SamSegmenter._decode = decode_and_draw  # type: ignore[method-assign]


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="inspector-bench-weights-"))
    published = WeightsShelf.of_this_machine().manifest.weights
    others = tuple(entry for entry in published if entry.name != "MobileSAM")
    manifest = WeightsManifest(weights=(random_weights(folder), *others))
    shelf = WeightsShelf(manifest, (folder,))
    WeightsShelf.of_this_machine = classmethod(lambda _: shelf)  # type: ignore[assignment, method-assign]
    start_log()
    draw_blobs()
    run_worker(pipes, product_services())


if __name__ == "__main__":
    main()
