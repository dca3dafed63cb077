"""Training images as a training would vary them: chosen, asked for, read and cleared away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.messages import VariationsShown
from inspector_app.services.job_files import example_items
from inspector_app.services.session import ProjectSession
from inspector_app.services.variation_samples import VariationSamples, VariedSample
from inspector_app.services.workers import Workers
from inspector_app.store.project import Project

LONG_MS = 20_000


@pytest.fixture
def samples(
    session: ProjectSession, workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[VariationSamples]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    samples = VariationSamples(session, workers)
    yield samples
    samples.shut_down()


def shown(
    samples: VariationSamples, qtbot: QtBot, task: str = "classification", seed: int = 1
) -> tuple[VariedSample, ...]:
    with qtbot.waitSignal(samples.shown, timeout=LONG_MS) as answered:
        samples.show("classifier", {}, task=task, seed=seed)
    answer: tuple[VariedSample, ...] = answered.args[0]
    return answer


def test_that_samples_come_with_their_pictures_and_outlines(
    samples: VariationSamples, qtbot: QtBot
) -> None:
    answer = shown(samples, qtbot)
    assert {sample.picture.shape for sample in answer} == {(32, 48, 3)}
    marked = [sample for sample in answer if sample.outlines]
    assert marked
    assert all(sample.image_path.parent.name == "scratch" for sample in marked)


def test_that_nothing_is_left_of_what_was_shown(
    samples: VariationSamples, qtbot: QtBot, tmp_path: Path
) -> None:
    shown(samples, qtbot)
    [root] = tmp_path.glob("inspector-samples-*")
    assert list(root.iterdir()) == []
    samples.shut_down()
    assert not root.exists()


def test_that_only_the_latest_request_is_shown(samples: VariationSamples, qtbot: QtBot) -> None:
    answers: list[object] = []
    samples.shown.connect(answers.append)
    for seed in range(3):
        samples.show("classifier", {}, task="anomaly", seed=seed)
    qtbot.waitUntil(lambda: len(answers) == 1, timeout=LONG_MS)
    shown(samples, qtbot)
    assert len(answers) == 2


def test_that_an_answer_that_nobody_waits_for_is_cleared_away(
    samples: VariationSamples, workers: Workers, qtbot: QtBot, tmp_path: Path
) -> None:
    shown(samples, qtbot)
    [root] = tmp_path.glob("inspector-samples-*")
    (root / "77").mkdir()
    with qtbot.assertNotEmitted(samples.shown):
        workers.event_received.emit(VariationsShown(request_id=77))
    assert not (root / "77").exists()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("bad", "nothing to be seen — look elsewhere"),
        ("crash", "crashed"),
        ("unwritten", "00.png"),
    ],
)
def test_that_a_fault_is_told_in_a_line(
    samples: VariationSamples, qtbot: QtBot, kind: str, words: str
) -> None:
    with qtbot.waitSignal(samples.failed, timeout=LONG_MS) as failed:
        samples.show(kind, {}, task="classification", seed=1)
    assert words in failed.args[0]


def test_that_a_cancelled_request_is_not_heard_of(samples: VariationSamples, qtbot: QtBot) -> None:
    samples.show("classifier", {}, task="classification", seed=1)
    samples.cancel()
    # A later one comes through: the first was dropped, not late.
    answers: list[object] = []
    samples.shown.connect(answers.append)
    shown(samples, qtbot)
    assert len(answers) == 1


def test_that_a_project_without_images_is_told(
    samples: VariationSamples, project: Project, qtbot: QtBot
) -> None:
    with project.transaction() as connection:
        connection.execute("DELETE FROM images")
    with qtbot.waitSignal(samples.failed, timeout=LONG_MS) as failed:
        samples.show("classifier", {}, task="classification", seed=1)
    assert "no image to learn from" in failed.args[0]


# ---------------------------------------------------------------- which images


def test_that_a_seed_always_chooses_the_same_images(project: Project) -> None:
    def paths(seed: int) -> list[str]:
        items = example_items(project, "classification", count=4, seed=seed)
        return [item.image_path for item in items]

    assert paths(1) == paths(1)
    assert len({tuple(paths(seed)) for seed in range(6)}) > 1


def test_that_models_of_good_parts_see_good_training_images_only(project: Project) -> None:
    items = example_items(project, "anomaly", count=8, seed=1)
    assert items
    assert not any(item.is_defective for item in items)
    assert {item.split for item in items} == {"train"}


def test_that_others_see_defective_ones_as_well(project: Project) -> None:
    items = example_items(project, "classification", count=4, seed=1)
    assert [item.is_defective for item in items].count(True) == 2


def test_that_defects_nobody_has_drawn_are_no_samples_of_marks(project: Project) -> None:
    items = example_items(project, "segmentation", count=4, seed=1)
    assert not any(item.is_defective for item in items)


def test_that_there_must_be_an_image(project: Project) -> None:
    with project.transaction() as connection:
        connection.execute("DELETE FROM images")
    with pytest.raises(BadDataError, match="no image to learn from"):
        example_items(project, "anomaly", count=4, seed=1)
