import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.protocol.messages import Event, Hello, ImagePrepared, PrepareImage
from inspector_app.services import workers as workers_module
from inspector_app.services.worker_end import WorkerEnd
from inspector_app.services.workers import Workers

FOLDER = Path(__file__).parent / "workers"
MakeWorkers = Callable[..., Workers]


@pytest.fixture
def make_workers(qapp: object) -> Iterator[MakeWorkers]:
    made: list[Workers] = []

    def make(script: str = "working.py", *arguments: str) -> Workers:
        made.append(Workers([sys.executable, str(FOLDER / script), *arguments]))
        return made[-1]

    yield make
    for workers in made:
        workers.shut_down()


def start(workers: Workers, qtbot: QtBot) -> None:
    workers.start_inference()
    wait_until_ready(workers, qtbot)


def wait_until_ready(workers: Workers, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: workers.state == "ready", timeout=20_000)


def crash(workers: Workers, qtbot: QtBot) -> tuple[str, str]:
    """Send a command that kills the worker; return message and hint."""
    with qtbot.waitSignal(workers.inference_ended, timeout=20_000) as ended:
        workers.send(PrepareImage(request_id=1, image_path="/crash.png"))
    return ended.args[0], ended.args[1]


def test_that_the_hello_fills_the_status(workers: Workers, qtbot: QtBot) -> None:
    assert (workers.state, workers.device, workers.model_cards) == ("stopped", "", ())
    workers.start_inference()
    assert workers.state == "starting"
    wait_until_ready(workers, qtbot)
    assert (workers.device, workers.click_model) == ("CPU (test)", "GrabCut")
    assert [card.kind for card in workers.model_cards] == ["autoencoder"]
    assert workers.remarks == ("mobile_sam.pt: not the published file",)


def test_that_a_command_starts_the_worker_and_is_answered(workers: Workers, qtbot: QtBot) -> None:
    events: list[Event] = []
    workers.event_received.connect(events.append)
    workers.send(PrepareImage(request_id=7, image_path="/a.png"))
    qtbot.waitUntil(lambda: len(events) == 2, timeout=20_000)
    assert isinstance(events[0], Hello)
    assert isinstance(events[1], ImagePrepared)
    assert events[1].request_id == 7


def test_that_the_click_model_of_the_last_answer_is_told(
    make_workers: MakeWorkers, qtbot: QtBot
) -> None:
    workers = make_workers("working.py", "--click-model", "MobileSAM")
    start(workers, qtbot)
    assert workers.click_model == "GrabCut"
    with qtbot.waitSignal(workers.status_changed, timeout=20_000):
        workers.send(PrepareImage(request_id=1, image_path="/a.png"))
    assert workers.click_model == "MobileSAM"


def test_that_a_change_of_the_click_model_is_told(workers: Workers, qtbot: QtBot) -> None:
    start(workers, qtbot)
    with qtbot.waitSignal(workers.status_changed, timeout=20_000):
        workers.choose_click_model("MobileSAM")
    assert (workers.click_model, workers.encoder) == ("MobileSAM", "mobilesam")


def test_that_a_dead_worker_is_announced_and_started_again_with_the_next_command(
    workers: Workers, qtbot: QtBot
) -> None:
    message, hint = crash(workers, qtbot)
    assert "SIGSEGV" in message
    assert hint
    assert workers.state == "stopped"
    assert [card.kind for card in workers.model_cards] == ["autoencoder"]
    workers.send(PrepareImage(request_id=2, image_path="/a.png"))
    wait_until_ready(workers, qtbot)


def test_that_a_worker_which_dies_again_and_again_is_left_alone(
    workers: Workers, qtbot: QtBot
) -> None:
    for _ in range(3):
        crash(workers, qtbot)
    lost: list[WorkerEnd] = []
    workers.inference_lost.connect(lost.append)
    with qtbot.waitSignal(workers.inference_ended) as ended:
        workers.send(PrepareImage(request_id=1, image_path="/a.png"))
    assert "3 times within a minute" in ended.args[0]
    assert workers.state == "stopped"
    assert len(lost) == 1


def test_that_the_operator_can_start_it_all_the_same(workers: Workers, qtbot: QtBot) -> None:
    for _ in range(3):
        crash(workers, qtbot)
    workers.restart_inference()
    wait_until_ready(workers, qtbot)


def test_that_deaths_long_ago_do_not_count(
    workers: Workers, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_module, "_DEATHS_WITHIN_S", 0.0)
    for _ in range(3):
        crash(workers, qtbot)
    start(workers, qtbot)


def test_that_a_restart_takes_another_process(workers: Workers, qtbot: QtBot) -> None:
    hellos: list[Hello] = []
    workers.event_received.connect(lambda e: hellos.append(e) if isinstance(e, Hello) else None)
    start(workers, qtbot)
    with (
        qtbot.assertNotEmitted(workers.inference_ended),
        qtbot.waitSignal(workers.inference_lost),
    ):
        workers.restart_inference()
    qtbot.waitUntil(lambda: len(hellos) == 2, timeout=20_000)
    assert hellos[0].pid != hellos[1].pid


def test_that_a_training_makes_the_inference_worker_release_its_models(
    workers: Workers, qtbot: QtBot
) -> None:
    start(workers, qtbot)
    worker = workers.start_training_worker()
    qtbot.waitUntil(lambda: worker.hello is not None, timeout=20_000)
    qtbot.waitUntil(lambda: "release_models" in workers.log_tail(), timeout=20_000)
    assert "release_models" not in worker.log_tail()


def test_that_the_gpu_is_given_back_when_the_last_training_ends(
    workers: Workers, qtbot: QtBot
) -> None:
    start(workers, qtbot)
    trainings = [workers.start_training_worker() for _ in range(2)]
    assert workers.is_training
    qtbot.waitUntil(lambda: all(worker.hello for worker in trainings), timeout=20_000)
    trainings[0].stop()
    qtbot.waitUntil(lambda: trainings[0].has_ended, timeout=20_000)
    assert workers.is_training
    assert "reclaim_device" not in workers.log_tail()
    with qtbot.waitSignal(workers.status_changed, timeout=20_000):
        trainings[1].stop()
    assert not workers.is_training
    qtbot.waitUntil(lambda: "reclaim_device" in workers.log_tail(), timeout=20_000)


def test_that_a_worker_started_during_a_training_leaves_the_gpu_alone(
    workers: Workers, qtbot: QtBot
) -> None:
    workers.start_training_worker()
    start(workers, qtbot)
    qtbot.waitUntil(lambda: "release_models" in workers.log_tail(), timeout=20_000)


def test_that_the_chosen_click_model_is_told_to_every_worker(
    workers: Workers, qtbot: QtBot
) -> None:
    workers.choose_click_model("MobileSAM")
    start(workers, qtbot)
    assert workers.wanted_click_model == "MobileSAM"
    assert workers.click_models == ("MobileSAM", "GrabCut")
    qtbot.waitUntil(lambda: "MobileSAM" in workers.log_tail(), timeout=20_000)
    workers.choose_click_model("GrabCut")
    qtbot.waitUntil(lambda: "GrabCut" in workers.log_tail(), timeout=20_000)


def test_that_a_training_starts_no_inference_worker(workers: Workers) -> None:
    workers.start_training_worker()
    assert workers.state == "stopped"


def test_that_a_program_that_cannot_be_started_is_announced(qtbot: QtBot) -> None:
    workers = Workers(["/no/such/program"])
    with qtbot.waitSignal(workers.inference_ended) as ended:
        workers.start_inference()
    assert "/no/such/program" in ended.args[0]
    assert workers.state == "stopped"


def test_that_shutting_down_ends_every_worker(workers: Workers, qtbot: QtBot) -> None:
    start(workers, qtbot)
    training = workers.start_training_worker()
    ends: list[WorkerEnd] = []
    training.ended.connect(ends.append)
    workers.shut_down()
    assert [end.was_asked for end in ends] == [True]
    workers.start_inference()
    assert workers.state == "stopped"


def test_that_shutting_down_does_not_wait_for_a_worker_that_will_not_end(
    make_workers: MakeWorkers, qtbot: QtBot
) -> None:
    workers = make_workers("misbehaving.py", "ignores_everything")
    start(workers, qtbot)
    with qtbot.waitSignal(workers.findChild(workers_module.WorkerProcess).ended) as ended:
        workers.shut_down(timeout_s=0.1)
    assert ended.args[0].exit_code == 9
