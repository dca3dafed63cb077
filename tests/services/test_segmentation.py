import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector_app import paths
from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import Mask
from inspector_app.services.segmentation import Candidates, HoverAnswer, Segmentation
from inspector_app.services.workers import Workers

CLICK = (PromptPoint(1.5, 1.0, 1),)


@pytest.fixture
def segmentation(workers: Workers) -> Segmentation:
    return Segmentation(workers)


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """An image whose answer is held back until `release` is called."""
    return tmp_path / "wait.png"


def release(held: Path) -> None:
    held.with_name("wait.png.go").touch()


def sent(workers: Workers) -> list[str]:
    """What the worker was asked, as it logs it."""
    return [line for line in workers.log_tail().splitlines() if line.startswith("{")]


def test_that_a_click_brings_candidates(segmentation: Segmentation, qtbot: QtBot) -> None:
    with qtbot.waitSignal(segmentation.ready, timeout=20_000) as ready:
        segmentation.request(Path("/a.png"), CLICK, Box(0, 0, 2, 2))
    candidates = ready.args[0]
    assert isinstance(candidates, Candidates)
    assert candidates.image_path == Path("/a.png")
    assert candidates.masks[0].area == 4
    assert (candidates.qualities_01, candidates.click_model) == ((0.9,), "GrabCut")


def test_that_it_is_busy_until_the_answer(segmentation: Segmentation, qtbot: QtBot) -> None:
    changes: list[bool] = []
    segmentation.busy_changed.connect(changes.append)
    with qtbot.waitSignal(segmentation.ready, timeout=20_000):
        segmentation.request(Path("/a.png"), CLICK)
        assert segmentation.is_busy
    assert changes == [True, False]


def test_that_only_the_latest_of_many_requests_is_answered(
    segmentation: Segmentation, workers: Workers, held: Path, qtbot: QtBot
) -> None:
    answers: list[Candidates] = []
    segmentation.ready.connect(answers.append)
    segmentation.request(held, CLICK)
    for number in range(20):
        segmentation.request(Path(f"/{number}.png"), CLICK)
    release(held)
    qtbot.waitUntil(lambda: bool(answers), timeout=20_000)
    assert [answer.image_path for answer in answers] == [Path("/19.png")]
    assert not segmentation.is_busy
    qtbot.waitUntil(lambda: len(sent(workers)) == 2)


def test_that_a_forgotten_request_is_not_answered(
    segmentation: Segmentation, held: Path, qtbot: QtBot
) -> None:
    segmentation.request(held, CLICK)
    segmentation.forget()
    assert not segmentation.is_busy
    release(held)
    with qtbot.waitSignal(segmentation.ready, timeout=20_000) as ready:
        segmentation.request(Path("/next.png"), CLICK)
    assert ready.args[0].image_path == Path("/next.png")


def test_that_an_image_overtakes_the_one_before_it(
    segmentation: Segmentation, workers: Workers, held: Path, qtbot: QtBot
) -> None:
    prepared: list[str] = []
    segmentation.prepared.connect(prepared.append)
    segmentation.prepare(held)
    segmentation.prepare(Path("/next.png"))
    release(held)
    qtbot.waitUntil(lambda: bool(prepared), timeout=20_000)
    assert prepared == ["/next.png"]
    assert len(sent(workers)) == 2


def test_that_a_click_overtakes_an_image_that_is_being_prepared(
    segmentation: Segmentation, workers: Workers, held: Path, qtbot: QtBot
) -> None:
    segmentation.prepare(held)
    with qtbot.waitSignal(segmentation.ready, timeout=20_000) as ready:
        segmentation.request(Path("/clicked.png"), CLICK)
        release(held)
    assert ready.args[0].image_path == Path("/clicked.png")


def test_that_the_same_image_is_not_prepared_twice_at_a_time(
    segmentation: Segmentation, workers: Workers, held: Path, qtbot: QtBot
) -> None:
    segmentation.prepare(held)
    segmentation.prepare(held)
    with qtbot.waitSignal(segmentation.prepared, timeout=20_000):
        release(held)
    assert len(sent(workers)) == 1


def test_that_another_part_of_an_image_is_another_thing_to_prepare(
    segmentation: Segmentation, workers: Workers, held: Path, qtbot: QtBot
) -> None:
    segmentation.prepare(held)
    segmentation.prepare(held, Box(0, 0, 512, 512))
    with qtbot.waitSignal(segmentation.prepared, timeout=20_000):
        release(held)
    assert [json.loads(line)["view"] for line in sent(workers)] == [None, [0, 0, 512, 512]]


def test_that_a_hover_is_answered_with_its_place(segmentation: Segmentation, qtbot: QtBot) -> None:
    with qtbot.waitSignal(segmentation.hovered, timeout=20_000) as hovered:
        segmentation.hover(Path("/a.png"), 1.0, 0.5)
    answer = hovered.args[0]
    assert (answer.image_path, answer.x, answer.y) == (Path("/a.png"), 1.0, 0.5)
    assert answer.mask.area == 4


def test_that_of_many_places_hovered_over_only_the_last_is_told(
    segmentation: Segmentation, workers: Workers, held: Path, qtbot: QtBot
) -> None:
    told: list[HoverAnswer] = []
    segmentation.hovered.connect(told.append)
    segmentation.hover(held, 0.0, 0.0)
    for x in (0.5, 1.0, 1.5):
        segmentation.hover(Path("/a.png"), x, 0.0)
    release(held)
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert [answer.x for answer in told] == [1.5]
    assert len(sent(workers)) == 2


def test_that_a_click_makes_a_hover_before_it_worthless(
    segmentation: Segmentation, held: Path, qtbot: QtBot
) -> None:
    with (
        qtbot.assertNotEmitted(segmentation.hovered),
        qtbot.waitSignal(segmentation.ready, timeout=20_000),
    ):
        segmentation.hover(held, 0.0, 0.0)
        segmentation.request(Path("/a.png"), CLICK)
        release(held)


def test_that_snapping_has_a_signal_of_its_own(segmentation: Segmentation, qtbot: QtBot) -> None:
    rough = Mask.from_box(Box(0, 0, 1, 1), height=2, width=2)
    with (
        qtbot.assertNotEmitted(segmentation.ready),
        qtbot.waitSignal(segmentation.snapped, timeout=20_000) as snapped,
    ):
        segmentation.snap(Path("/a.png"), rough)
    assert snapped.args[0].masks[0].area == 4


@pytest.mark.parametrize(
    "rough", [Mask.from_box(Box(0, 0, 1, 1), height=2, width=2), Box(0, 0, 1, 1)]
)
def test_that_a_rough_mask_or_a_box_is_sent_to_be_snapped(
    segmentation: Segmentation, workers: Workers, qtbot: QtBot, rough: Mask | Box
) -> None:
    with qtbot.waitSignal(segmentation.snapped, timeout=20_000):
        segmentation.snap(Path("/a.png"), rough)
    command = json.loads(sent(workers)[0])
    assert (command["rough"] is None, command["box"] is None) == (
        isinstance(rough, Box),
        isinstance(rough, Mask),
    )


def test_that_a_refused_click_is_told_with_its_remedy(
    segmentation: Segmentation, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(segmentation.failed, timeout=20_000) as failed:
        segmentation.request(Path("/bad.png"), CLICK)
    assert failed.args == ["bad.png: the PNG ends too early", "copy it again"]
    assert not segmentation.is_busy


def test_that_a_fault_of_the_click_model_points_to_the_log(
    segmentation: Segmentation, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(segmentation.failed, timeout=20_000) as failed:
        segmentation.request(Path("/bug.png"), CLICK)
    assert "NameError: no such name" in failed.args[0]
    assert str(paths.log_folder()) in failed.args[1]


def test_that_an_image_that_cannot_be_prepared_is_no_message(
    segmentation: Segmentation, qtbot: QtBot
) -> None:
    with (
        qtbot.assertNotEmitted(segmentation.failed),
        qtbot.waitSignal(segmentation.ready, timeout=20_000),
    ):
        segmentation.prepare(Path("/bad.png"))
        segmentation.request(Path("/a.png"), CLICK)


def test_that_a_damaged_mask_is_told(segmentation: Segmentation, qtbot: QtBot) -> None:
    with qtbot.waitSignal(segmentation.failed, timeout=20_000) as failed:
        segmentation.request(Path("/damaged.png"), CLICK)
    assert "damaged" in failed.args[0]


def test_that_the_worker_s_death_is_told_and_the_next_click_works(
    segmentation: Segmentation, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(segmentation.failed, timeout=20_000) as failed:
        segmentation.request(Path("/crash.png"), CLICK)
    assert "SIGSEGV" in failed.args[0]
    assert failed.args[1]
    assert not segmentation.is_busy
    with qtbot.waitSignal(segmentation.ready, timeout=20_000):
        segmentation.request(Path("/a.png"), CLICK)


def test_that_a_restart_ends_the_wait(
    segmentation: Segmentation, workers: Workers, held: Path, qtbot: QtBot
) -> None:
    segmentation.request(held, CLICK)
    qtbot.waitUntil(lambda: workers.state == "ready", timeout=20_000)
    with qtbot.waitSignal(segmentation.failed):
        workers.restart_inference()
    assert not segmentation.is_busy


def test_that_a_worker_which_is_not_started_any_more_fails_the_click(
    segmentation: Segmentation, qtbot: QtBot
) -> None:
    for _ in range(3):
        with qtbot.waitSignal(segmentation.failed, timeout=20_000):
            segmentation.request(Path("/crash.png"), CLICK)
    with qtbot.waitSignal(segmentation.failed) as failed:
        segmentation.request(Path("/a.png"), CLICK)
    assert "3 times" in failed.args[0]
    assert not segmentation.is_busy
