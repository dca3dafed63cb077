"""What the product's worker can do. Heavy libraries are imported when a job needs them."""

import os
from pathlib import Path

import torch

from inspector_app.protocol.base import PROTOCOL_VERSION
from inspector_app.protocol.messages import Hello
from training.context import JobContext
from training.models import MODEL_CARDS
from training.segmenters.choose import ClickModels
from training.weights import WeightsShelf
from training.worker.run import Services


def product_services() -> Services:
    """Look at the device and the weights, and return what can be done with them."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    clicks = ClickModels(WeightsShelf.of_this_machine(), device)
    hello = Hello(
        protocol=PROTOCOL_VERSION,
        pid=os.getpid(),
        device=describe_device(device),
        model_cards=MODEL_CARDS,
        click_model=clicks.name,
        remarks=clicks.remarks,
    )
    return Services(hello=hello, clicks=clicks, train=_train, inspect=_inspect)


def describe_device(device: torch.device) -> str:
    """Return the device for people: “NVIDIA RTX A2000 (12 GB)” or “CPU (8 threads)”."""
    if device.type == "cpu":
        return f"CPU ({torch.get_num_threads()} threads)"
    properties = torch.cuda.get_device_properties(device)
    text = f"{properties.name} ({round(properties.total_memory / 2**30)} GB)"
    count = torch.cuda.device_count()
    return text if count == 1 else f"{count} × {text}"


def _train(run_folder: Path, context: JobContext) -> dict[str, float]:
    # Lightning takes seconds to import, which clicks need not wait for.
    from training.fit.run import run_training  # noqa: PLC0415

    return run_training(run_folder, context)


def _inspect(inspection_folder: Path, context: JobContext) -> dict[str, float]:
    from training.inference.run import run_inspection  # noqa: PLC0415

    return run_inspection(inspection_folder, context)
