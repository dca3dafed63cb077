"""``python -m training.click_model``: train the click network on made-up scenes.

Started again with the same folder, a run goes on after its last finished epoch.
"""

import csv
import io
import logging
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import torch
import typer
from lightning.pytorch import Callback, LightningModule, Trainer, seed_everything
from pydantic import ValidationError

from inspector_app.domain.errors import BadDataError, KnownError
from inspector_app.domain.files import write_atomically
from training.devices import pick_device
from training.fit.callbacks import FiniteLoss
from training.fit.resuming import LAST_CHECKPOINT
from training.fit.trainer import quiet_lightning, silent_trainer
from training.models.click.card import ClickCard
from training.models.click.config import ClickTraining
from training.models.click.learner import ClickLearner
from training.models.click.network import ClickNetwork
from training.models.click.weights import load_click_network, read_card, write_click_weights
from training.processors import processor_count

CONFIG_FILE = "config.json"
CURVE_FILE = "curve.csv"
_CURVE = ("epoch", "seconds", "train_loss", "iou_1", "iou_2", "iou_3", "iou_4", "iou_5")

app = typer.Typer(add_completion=False)
_log = logging.getLogger(__name__)


def train_click_model(
    folder: Path,
    config: ClickTraining,
    device: torch.device,
    *,
    workers: int,
    start: Path | None = None,
) -> None:
    """Train, and leave checkpoint, curve, weights and card in the folder after every epoch.

    Args:
        start: a finished run whose weights this one starts from; its card is kept in the new one.

    Raises:
        BadDataError: if the folder holds a run with other settings.
        MissingWeightsError: if there are no weights to start from.
    """
    card = read_card(start) if start else None
    config = config.model_copy(update={"start_sha256": card.weights_sha256 if card else ""})
    _keep_config(folder, config)
    seed_everything(config.seed, verbose=False)
    network = load_click_network(start, seed=config.seed) if start else ClickNetwork()
    # Lightning leaves modules in the mode it finds them in.
    learner = ClickLearner(network, config, workers).train()
    last = folder / LAST_CHECKPOINT
    with quiet_lightning():
        trainer = _make_trainer(folder, learner, device, card)
        trainer.fit(learner, ckpt_path=last if last.is_file() else None, weights_only=True)


def _make_trainer(
    folder: Path, learner: ClickLearner, device: torch.device, start: ClickCard | None
) -> Trainer:
    return silent_trainer(
        folder,
        device,
        precision="bf16-mixed" if _has_fast_bf16(device) else "32-true",
        max_epochs=learner.config.epochs,
        devices=learner.config.processes,
        strategy="ddp" if learner.config.processes > 1 else "auto",
        use_distributed_sampler=False,
        gradient_clip_val=1.0,
        # The scenes grow during the run, and no scene is seen twice.
        reload_dataloaders_every_n_epochs=1,
        callbacks=[FiniteLoss(), Diary(folder, learner, start)],
    )


class Diary(Callback):
    """Writes down every epoch: figures, state to go on from, weights to work with."""

    def __init__(self, folder: Path, learner: ClickLearner, start: ClickCard | None) -> None:
        self._folder = folder
        self._start = start
        self._network = learner.network
        self._config = learner.config
        self._started = 0.0

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._started = time.monotonic()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # Read by every process: the last of them are only then put together.
        figures = {name: float(value) for name, value in trainer.callback_metrics.items()}
        if trainer.is_global_zero:
            self._write(trainer.current_epoch + 1, figures)
        trainer.save_checkpoint(self._folder / LAST_CHECKPOINT)

    def _write(self, epoch: int, figures: dict[str, float]) -> None:
        seconds = time.monotonic() - self._started
        self._add_row({"epoch": epoch, "seconds": round(seconds, 1)} | _rounded(figures))
        write_click_weights(
            self._folder,
            self._network,
            self._config,
            epochs=epoch,
            figures=_rounded(figures),
            start=self._start,
        )
        _log.info("epoch %d of %d in %.0f s: %s", epoch, self._config.epochs, seconds, figures)

    def _add_row(self, row: dict[str, float]) -> None:
        """Add a line, in place of an earlier one of the same epoch."""
        path = self._folder / CURVE_FILE
        earlier = list(csv.DictReader(io.StringIO(path.read_text()))) if path.is_file() else []
        text = io.StringIO()
        writer = csv.DictWriter(text, _CURVE, lineterminator="\n")
        writer.writeheader()
        writer.writerows(one for one in earlier if int(one["epoch"]) < row["epoch"])
        writer.writerow({name: row[name] for name in _CURVE})
        write_atomically(path, text.getvalue().encode())


def _keep_config(folder: Path, config: ClickTraining) -> None:
    path = folder / CONFIG_FILE
    text = config.model_dump_json(indent=2)
    if path.is_file() and path.read_text() != text:
        raise BadDataError(f"{path}: a run with other settings", "choose an empty folder")
    write_atomically(path, text.encode())


def scene_workers(device: torch.device, learners: int) -> int:
    """Return how many processes make scenes for each that learns: some 40 of 224 px a second.

    One is more than a CPU learns from, but a small part of what a GPU does.
    """
    return 1 if device.type == "cpu" else max(1, processor_count() // learners - 1)


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in sorted(figures.items())}


def _has_fast_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


@app.command()
def main(  # noqa: PLR0917  (options)
    folder: Annotated[Path, typer.Argument(help="Where the run is kept.")],
    device: Annotated[Literal["auto", "cpu"], typer.Option()] = "auto",
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes that make scenes for each that learns. With a GPU, all processors do."
        ),
    ] = None,
    epochs: Annotated[int, typer.Option()] = ClickTraining().epochs,
    steps: Annotated[int, typer.Option(help="Per epoch.")] = ClickTraining().steps,
    batch_size: Annotated[int, typer.Option()] = ClickTraining().batch_size,
    processes: Annotated[
        int, typer.Option(help="That learn together; on a CPU faster than threads.")
    ] = ClickTraining().processes,
    side_px: Annotated[int, typer.Option()] = ClickTraining().side_px,
    first_side_px: Annotated[
        int, typer.Option(help="Of the scenes in the first part of the run.")
    ] = ClickTraining().first_side_px,
    first_share: Annotated[
        float, typer.Option(help="Of the epochs, on smaller scenes.")
    ] = ClickTraining().first_share,
    learning_rate: Annotated[float, typer.Option()] = ClickTraining().learning_rate,
    seed: Annotated[int, typer.Option()] = 0,
    start: Annotated[Path | None, typer.Option(help="A finished run to go on from.")] = None,
) -> None:
    """Train the click network; start it again to go on."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    try:
        config = ClickTraining(
            epochs=epochs,
            steps=steps,
            batch_size=batch_size,
            processes=processes,
            side_px=side_px,
            first_side_px=first_side_px,
            first_share=first_share,
            learning_rate=learning_rate,
            seed=seed,
        )
    except ValidationError as error:
        raise typer.BadParameter(error.errors(include_url=False)[0]["msg"]) from None
    chosen = pick_device(device)
    workers = scene_workers(chosen, processes) if workers is None else workers
    try:
        train_click_model(folder, config, chosen, workers=workers, start=start)
    except KnownError as error:
        _log.error("%s", error)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    app()
