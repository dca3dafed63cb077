"""Small models of every kind, and images for them."""

from typing import Any

import numpy as np
import torch
from lightning.pytorch import LightningModule, Trainer
from torch.utils.data import DataLoader, TensorDataset

from tests.training.parts import SMALL
from training.data.boxes import NO_BOXES, Boxed, Boxes, collate_boxed
from training.models.anomaly import AnomalyModel, ScoringModel
from training.models.base import ModelKind

Kind = ModelKind[Any, Any]
CLASSES = ("good", "dent")

_NETWORKS = {
    "classification": "own_resnet",
    "segmentation": "resnet18",
    "detection": "yolov8s-worldv2",
}


def small_config(kind: Kind, **settings: Any) -> Any:
    small = SMALL | {"network": _NETWORKS.get(kind.card.task), "tile_size_px": 64}
    known = kind.config_type.model_fields
    return kind.config({k: v for k, v in small.items() if k in known} | settings)


def classes_of(kind: Kind) -> tuple[str, ...]:
    return CLASSES if kind.card.task in _NETWORKS else ()


def good_images(count: int, size_px: int) -> torch.Tensor:
    """Return images of one bright square each, slightly noisy."""
    generator = torch.Generator().manual_seed(1)
    images = torch.full((count, 3, size_px, size_px), 0.3)
    images[:, :, size_px // 4 : size_px // 2, size_px // 4 : size_px // 2] = 0.8
    return (images + 0.02 * torch.randn(images.shape, generator=generator)).clamp(0, 1)


def typed_images(count: int, size_px: int) -> TensorDataset:
    """Return good images and, every other one, such with a dark corner, with their classes."""
    images = good_images(count, size_px)
    images[1::2, :, -size_px // 4 :, -size_px // 4 :] = 0.0
    return TensorDataset(images, torch.arange(count) % 2)


def drawn_images(count: int, size_px: int) -> TensorDataset:
    """Return the same images with the places of their pixels' classes."""
    images, classes = typed_images(count, size_px).tensors
    labels = torch.zeros(count, size_px, size_px, dtype=torch.int64)
    labels[classes == 1, -size_px // 4 :, -size_px // 4 :] = 1
    return TensorDataset(images, labels)


def boxed_images(count: int, size_px: int) -> list[Boxed]:
    """Return the same images with a box around each dark corner."""
    images, classes = typed_images(count, size_px).tensors
    pictures = (images * 255).byte().permute(0, 2, 3, 1).numpy()
    corner = Boxes(np.zeros(1, np.float32), np.array([[0.875, 0.875, 0.25, 0.25]], np.float32))
    boxes = [corner if is_dark else NO_BOXES for is_dark in classes.tolist()]
    return list(zip(pictures, boxes, strict=True))


def loader_of(kind: Kind, count: int, size_px: int) -> DataLoader[Any]:
    """Return batches of four, as the kind's training wants them."""
    if kind.card.task == "classification":
        return DataLoader(typed_images(count, size_px), 4)
    if kind.card.task == "segmentation":
        # Every pixel is an example: fewer images will do, and take less time.
        return DataLoader(drawn_images(count // 2, size_px), 4)
    if kind.card.task == "detection":
        # Before anything is found, the network learns that nearly every place is good.
        boxed: Any = boxed_images(2 * count, size_px)
        return DataLoader(boxed, 4, collate_fn=collate_boxed)
    return DataLoader(good_images(count, size_px), 4)  # type: ignore[arg-type]  # a tensor will do


def finished(kind: Kind, config: Any, images: torch.Tensor) -> ScoringModel:
    """Return a model that has learned nothing but what good images are."""
    torch.manual_seed(0)
    model: ScoringModel = kind.build(config, classes_of(kind)).eval()
    if isinstance(model, AnomalyModel):
        model.finish(iter(images.split(4)))
    return model


def fit(learner: LightningModule, loader: DataLoader[Any], folder: Any, *, epochs: int) -> Any:
    """Train, and return the validation loss before and after."""
    quiet: dict[str, Any] = {
        "logger": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "enable_checkpointing": False,
        "num_sanity_val_steps": 0,
    }
    trainer = Trainer(max_epochs=epochs, accelerator="cpu", default_root_dir=folder, **quiet)
    before = trainer.validate(learner, loader, verbose=False)[0]["val_loss"]
    trainer.fit(learner, loader, loader)
    return before, float(trainer.callback_metrics["val_loss"])
