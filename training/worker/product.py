"""What the product's worker can do. Heavy libraries are imported when a job needs them."""

import ctypes
import os
import sys
from pathlib import Path

from inspector_app import paths
from inspector_app.protocol.base import PROTOCOL_VERSION
from inspector_app.protocol.embeddings import EmbeddingFiles
from inspector_app.protocol.messages import Hello, ShowVariations, VariedPicture
from training.context import JobContext
from training.models import MODEL_CARDS, find_kind
from training.models.click.card import shipped_folder
from training.processors import processor_count
from training.segmenters.choose import ClickModels
from training.weights import WeightsShelf
from training.worker.run import Services


def product_services() -> Services:
    """Look at the device and the weights, and return what can be done with them."""
    device, description = find_device()
    embeddings = EmbeddingFiles(paths.embeddings_folder())
    shelf = WeightsShelf.of_this_machine()
    clicks = ClickModels(shelf, device, embeddings, built_in=shipped_folder())
    hello = Hello(
        protocol=PROTOCOL_VERSION,
        pid=os.getpid(),
        device=description,
        model_cards=MODEL_CARDS,
        click_model=clicks.name,
        remarks=clicks.remarks,
        encoder=clicks.encoder,
        click_models=clicks.present,
    )
    return Services(
        hello=hello,
        clicks=clicks,
        train={
            "train": _train,
            "check": _check,
            "find_rate": _find_rate,
            "adapt_clicks": _adapt_clicks,
        },
        inspect=_inspect,
        show=_show,
    )


def find_device() -> tuple[str, str]:
    """Return torch's name of the device, and one for people: “NVIDIA RTX A2000 (12 GB)”."""
    if has_gpu_driver():
        # Only then: importing torch takes seconds that the window's first click would wait.
        import torch  # noqa: PLC0415

        if torch.cuda.is_available():
            properties = torch.cuda.get_device_properties(0)
            text = f"{properties.name} ({round(properties.total_memory / 2**30)} GB)"
            count = torch.cuda.device_count()
            return "cuda", text if count == 1 else f"{count} × {text}"
    return "cpu", f"CPU ({processor_count()} threads)"


def has_gpu_driver() -> bool:
    """Tell whether there is a driver without which torch finds no GPU."""
    if Path("/dev/kfd").exists():
        return True
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def _train(run_folder: Path, context: JobContext) -> dict[str, float]:
    # Lightning takes seconds to import, which clicks need not wait for.
    from training.fit.run import run_training  # noqa: PLC0415

    return run_training(run_folder, context)


def _check(run_folder: Path, context: JobContext) -> dict[str, float]:
    from training.fit.preflight import check_training  # noqa: PLC0415

    return check_training(run_folder, context)


def _find_rate(run_folder: Path, context: JobContext) -> dict[str, float]:
    from training.fit.preflight import find_rate  # noqa: PLC0415

    return find_rate(run_folder, context)


def _adapt_clicks(folder: Path, context: JobContext) -> dict[str, float]:
    from training.fit.adapting import adapt_click_model  # noqa: PLC0415

    return adapt_click_model(folder, context)


def _inspect(inspection_folder: Path, context: JobContext) -> dict[str, float]:
    from training.inference.run import run_inspection  # noqa: PLC0415

    return run_inspection(inspection_folder, context)


def _show(command: ShowVariations) -> tuple[VariedPicture, ...]:
    """Write the pictures that are asked for.

    Raises:
        KnownError: if the settings or the images cannot be used, or the disk is full.
    """
    from training.data.samples import write_samples  # noqa: PLC0415

    kind = find_kind(command.model_kind)
    if kind.samples is None:
        return ()
    samples = kind.samples(kind.config(command.config), command.items, command.seed)
    return write_samples(samples, Path(command.folder))
