"""A batch that does not fit into memory is learned from in parts."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from inspector_app.domain.errors import OutOfMemoryError
from inspector_app.protocol.messages import EpochEnded, Event, Remark
from tests.training.parts import Listener, photo_items, write_run
from training.context import Cancelled
from training.fit.learner import cut
from training.fit.run import run_training
from training.models.autoencoder.learner import RedrawingLearner
from training.models.autoencoder.model import Autoencoder


@pytest.fixture
def eight_a_step(tmp_path: Path) -> Path:
    items = photo_items(tmp_path / "photos", train=8, test=0)
    return write_run(tmp_path / "run", items, batch_size=8, epochs=3)


def limit_memory(monkeypatch: pytest.MonkeyPatch, most: int) -> list[int]:
    """Let steps of more than so many images run out of memory; return the sizes that were tried."""
    loss, tried = Autoencoder.training_loss, []

    def limited(model: Autoencoder, images: Tensor) -> Tensor:
        if model.training:
            tried.append(len(images))
            if len(images) > most:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return loss(model, images)

    monkeypatch.setattr(Autoencoder, "training_loss", limited)
    return tried


def test_that_a_step_is_made_from_halves_of_halves(
    eight_a_step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = limit_memory(monkeypatch, 3)
    run_training(eight_a_step, Listener())
    assert tried == [8, 4] + 3 * [2, 2, 2, 2]


def test_that_the_operator_is_told_each_time(
    eight_a_step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_memory(monkeypatch, 3)
    listener = Listener()
    run_training(eight_a_step, listener)
    texts = [remark.text for remark in listener.of(Remark)]
    assert ["8 images are now made from 4" in texts[0], "from 2" in texts[1]] == [True, True]
    assert len(texts) == 2


def test_that_one_image_which_does_not_fit_ends_the_run_with_a_remedy(
    eight_a_step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = limit_memory(monkeypatch, 0)
    with pytest.raises(OutOfMemoryError) as failure:
        run_training(eight_a_step, Listener())
    assert tried == [8, 4, 2, 1]
    assert "Image size" in failure.value.hint


def test_that_parts_add_up_to_the_gradient_of_the_batch() -> None:
    gradients = []
    for parts in (1, 4):
        model = torch.nn.Linear(3, 1, bias=False)
        torch.nn.init.ones_(model.weight)
        batch = torch.arange(24.0).view(8, 3)
        for part in cut(batch, parts):
            (model(part).square().mean() * len(part) / 8).backward()
        assert model.weight.grad is not None
        gradients.append(model.weight.grad)
    assert torch.allclose(*gradients)


def test_that_a_run_goes_on_in_the_parts_it_was_cut_into(
    eight_a_step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_memory(monkeypatch, 4)
    with pytest.raises(Cancelled):
        run_training(eight_a_step, Listener(first_epoch_ended))
    again = limit_memory(monkeypatch, 4)
    run_training(eight_a_step, Listener())
    assert again == [4, 4]


def first_epoch_ended(event: Event) -> bool:
    return isinstance(event, EpochEnded)


def test_that_held_out_images_are_gone_through_in_parts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check, sizes = RedrawingLearner.check, []

    def limited(learner: RedrawingLearner, batch: Tensor) -> None:
        sizes.append(len(batch))
        if len(batch) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        check(learner, batch)

    monkeypatch.setattr(RedrawingLearner, "check", limited)
    items = photo_items(tmp_path / "photos", val=6, test=0)
    run_training(write_run(tmp_path / "run", items, batch_size=8, epochs=1), Listener())
    assert sizes == [6, 3, 2, 1, 3, 2, 1]


@pytest.mark.parametrize(("parts", "sizes"), [(2, [3, 2]), (8, [1, 1, 1, 1, 1])])
def test_that_batches_of_pairs_are_cut_alike(parts: int, sizes: list[int]) -> None:
    pieces = cut((torch.zeros(5, 2), torch.zeros(5)), parts)
    assert [[len(images), len(places)] for images, places in pieces] == [[n, n] for n in sizes]


def test_that_a_bug_in_a_step_is_no_want_of_memory(
    eight_a_step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_model: Autoencoder, _images: Tensor) -> Tensor:
        raise RuntimeError("size mismatch")

    monkeypatch.setattr(Autoencoder, "training_loss", broken)
    with pytest.raises(RuntimeError, match="size mismatch"):
        run_training(eight_a_step, Listener())
