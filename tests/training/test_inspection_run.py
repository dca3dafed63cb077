"""A batch inspection from its folder to its results."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torchmetrics.functional.classification import binary_auroc

from inspector_app.domain.decision import count_verdicts
from inspector_app.domain.errors import BadDataError, OutOfMemoryError
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import BUNDLE_FOLDER, RESULTS_FILE, InspectionItem
from inspector_app.protocol.messages import ImageScored, Progress
from tests.training.conftest import TrainedRun
from tests.training.parts import (
    Listener,
    inspection_items,
    photo_items,
    truncate,
    write_inspection,
)
from training.context import Cancelled
from training.inference.bundle import load_bundle
from training.inference.figures import PixelAuroc, image_auroc
from training.inference.run import run_inspection
from training.inference.scorer import Scorer
from training.models.anomaly import AnomalyModel
from training.models.looking import Look, plain_looks
from training.stopwatch import Stopwatch

CPU = torch.device("cpu")


@pytest.fixture
def items(tmp_path: Path) -> list[InspectionItem]:
    """Ten test photos, every other one defective."""
    return inspection_items(photo_items(tmp_path / "photos", train=0, val=0, test=10))


@pytest.fixture
def inspection(trained_run: TrainedRun, items: list[InspectionItem], tmp_path: Path) -> Path:
    return write_inspection(tmp_path / "inspection", trained_run.folder, items)


def results_on_disk(inspection: Path) -> list[ImageScored]:
    lines = (inspection / RESULTS_FILE).read_text().splitlines()
    return [ImageScored.model_validate_json(line) for line in lines]


def third_result() -> Listener:
    seen: list[ImageScored] = []

    def is_third(event: object) -> bool:
        if isinstance(event, ImageScored):
            seen.append(event)
        return len(seen) == 3

    return Listener(is_third)


def test_that_every_image_is_judged_in_order(inspection: Path, items: list[InspectionItem]) -> None:
    listener = Listener()
    run_inspection(inspection, listener)
    scored: list[ImageScored] = listener.of(ImageScored)
    assert [event.image_path for event in scored] == [item.image_path for item in items]
    assert all(event.score is not None and not event.error for event in scored)


def test_that_results_on_disk_are_those_announced(inspection: Path) -> None:
    listener = Listener()
    run_inspection(inspection, listener)
    assert results_on_disk(inspection) == listener.of(ImageScored)


def test_that_a_heatmap_has_sixteen_bits_and_reaches_the_score(inspection: Path) -> None:
    run_inspection(inspection, Listener())
    result = results_on_disk(inspection)[0]
    heatmap = cv2.imread(str(inspection / result.heatmap_file), cv2.IMREAD_UNCHANGED)
    assert (heatmap.dtype, heatmap.shape) == (np.uint16, (64, 64))
    highest = heatmap.max() / 65535 * result.heatmap_scale
    assert highest == pytest.approx(result.score, abs=result.heatmap_scale / 65535)


def test_that_all_heatmaps_of_a_run_have_one_scale(inspection: Path) -> None:
    run_inspection(inspection, Listener())
    assert len({result.heatmap_scale for result in results_on_disk(inspection)}) == 1


def test_that_progress_ends_at_the_last_image(inspection: Path) -> None:
    listener = Listener()
    run_inspection(inspection, listener)
    last: Progress = listener.of(Progress)[-1]
    assert (last.done, last.total, last.seconds_left) == (10, 10, 0.0)


def test_that_inspection_and_training_agree(trained_run: TrainedRun, tmp_path: Path) -> None:
    items = inspection_items(trained_run.items)
    figures = run_inspection(write_inspection(tmp_path, trained_run.folder, items), Listener())
    assert figures["image_auroc"] == trained_run.figures["image_auroc"]
    assert figures["pixel_auroc"] == trained_run.figures["pixel_auroc"]


def test_that_escapes_and_overkills_are_those_of_the_one_decision(
    inspection: Path, items: list[InspectionItem], trained_run: TrainedRun
) -> None:
    figures = run_inspection(inspection, Listener())
    threshold = load_bundle(trained_run.folder / BUNDLE_FOLDER, CPU).card.threshold.value
    scores = [result.score or 0.0 for result in results_on_disk(inspection)]
    expected = count_verdicts(scores, [item.is_defective for item in items], threshold)
    assert (figures["escapes"], figures["overkills"]) == (expected.escapes, expected.overkills)


def test_that_a_truncated_image_does_not_stop_the_batch(
    inspection: Path, items: list[InspectionItem]
) -> None:
    truncate(items[4].image_path)
    figures = run_inspection(inspection, Listener())
    failed = [result for result in results_on_disk(inspection) if result.error]
    assert [result.image_path for result in failed] == [items[4].image_path]
    assert failed[0].score is None
    assert (figures["images"], figures["failed"]) == (10.0, 1.0)


def test_that_a_cancelled_batch_goes_on_where_it_ended(inspection: Path) -> None:
    with pytest.raises(Cancelled):
        run_inspection(inspection, third_result())
    again = Listener()
    figures = run_inspection(inspection, again)
    assert len(again.of(ImageScored)) == 7
    assert (figures["images"], len(results_on_disk(inspection))) == (10.0, 10)


def test_that_figures_after_a_resume_are_those_of_one_go(
    inspection: Path, trained_run: TrainedRun, items: list[InspectionItem], tmp_path: Path
) -> None:
    with pytest.raises(Cancelled):
        run_inspection(inspection, third_result())
    resumed = run_inspection(inspection, Listener())
    other = write_inspection(tmp_path / "other", trained_run.folder, items)
    at_once = run_inspection(other, Listener())
    timing = {"seconds", "seconds_per_image"}
    assert {k: v for k, v in resumed.items() if k not in timing} == {
        k: v for k, v in at_once.items() if k not in timing
    }


def test_that_a_finished_batch_scores_nothing_again(inspection: Path) -> None:
    run_inspection(inspection, Listener())
    again = Listener()
    assert run_inspection(inspection, again)["images"] == 10.0
    assert again.events == []


def test_that_a_half_written_result_is_scored_again(inspection: Path) -> None:
    run_inspection(inspection, Listener())
    path = inspection / RESULTS_FILE
    # Longer than the line that takes its place: nothing of it may remain behind that.
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 999)
    again = Listener()
    run_inspection(inspection, again)
    assert len(again.of(ImageScored)) == 1
    assert len(results_on_disk(inspection)) == 10


def test_that_a_damaged_heatmap_of_an_earlier_start_does_not_spoil_the_batch(
    inspection: Path,
) -> None:
    run_inspection(inspection, Listener())
    (inspection / results_on_disk(inspection)[1].heatmap_file).write_bytes(b"")
    assert "image_auroc" in run_inspection(inspection, Listener())


def test_that_nothing_is_claimed_where_nothing_is_known(
    trained_run: TrainedRun, items: list[InspectionItem], tmp_path: Path
) -> None:
    unknown = [InspectionItem(image_path=item.image_path) for item in items]
    folder = write_inspection(tmp_path / "unknown", trained_run.folder, unknown)
    figures = run_inspection(folder, Listener())
    assert set(figures) == {"images", "failed", "seconds", "seconds_per_image"}


def test_that_a_score_that_is_no_number_is_an_error_of_its_image(
    inspection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(_scorer: Scorer, images: Tensor) -> list[Look]:
        maps = torch.zeros(len(images), 64, 64)
        return list(plain_looks(torch.full((len(images),), torch.nan), maps))

    monkeypatch.setattr(Scorer, "look", look)
    assert run_inspection(inspection, Listener())["failed"] == 10.0


def test_that_a_damaged_manifest_is_named(inspection: Path) -> None:
    (inspection / "manifest.jsonl").write_text(json.dumps({"image": 1}) + "\n")
    with pytest.raises(BadDataError, match=r"manifest\.jsonl, line 1"):
        run_inspection(inspection, Listener())


class Hungry(AnomalyModel):
    """Takes at most `limit` images at once; scores an image by its mean."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def score(self, images: Tensor) -> tuple[Tensor, Tensor]:
        if len(images) > self.limit:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return images.mean((1, 2, 3)), images.mean(1)

    def finish(self, batches: Iterable[Tensor]) -> None:
        pass


@given(st.integers(1, 9), st.integers(1, 9))
def test_that_batches_are_halved_until_they_fit(count: int, limit: int) -> None:
    images = torch.rand(count, 3, 4, 4)
    scores, maps = Scorer(Hungry(limit), CPU).score(images)
    assert torch.equal(scores, images.mean((1, 2, 3)))
    assert torch.equal(maps, images.mean(1))


def test_that_one_image_that_does_not_fit_is_refused_with_a_remedy() -> None:
    with pytest.raises(OutOfMemoryError, match="smaller image size"):
        Scorer(Hungry(0), CPU).score(torch.rand(3, 3, 4, 4))


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60))
def test_that_the_pixel_auroc_equals_torchmetrics(pixels: list[tuple[int, bool]]) -> None:
    levels = np.array([[level for level, _ in pixels]], np.uint16)
    truth = np.array([[is_defect for _, is_defect in pixels]])
    auroc = PixelAuroc()
    auroc.add(levels, truth)
    if truth.all() or not truth.any():
        assert auroc.value() is None
    else:
        expected = binary_auroc(torch.tensor(levels[0] / 9), torch.tensor(truth[0], dtype=int))
        assert auroc.value() == pytest.approx(float(expected), abs=1e-6)


def test_that_large_scores_are_ranked_and_not_squashed() -> None:
    assert image_auroc([900.0, 1000.0, 1100.0], [False, True, True]) == 1.0


def test_that_parts_of_unknown_state_do_not_count() -> None:
    assert image_auroc([1.0, 5.0, 2.0], [False, None, True]) == 1.0


@pytest.mark.parametrize("truths", [[], [None], [True, True], [False, None]])
def test_that_one_side_alone_has_no_auroc(truths: list[bool | None]) -> None:
    assert image_auroc([1.0] * len(truths), truths) is None


def test_that_time_left_follows_the_pace_so_far() -> None:
    times = iter([100.0, 102.0, 104.0])
    stopwatch = Stopwatch(5, clock=lambda: next(times))
    assert [stopwatch.step(), stopwatch.step()] == [8.0, 6.0]
