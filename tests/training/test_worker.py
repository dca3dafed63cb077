"""The worker as a process: what it answers, and how it ends."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.base import PROTOCOL_VERSION
from inspector_app.protocol.codec import decode_event
from inspector_app.protocol.messages import (
    Cancel,
    ChooseClickModel,
    ClickModelChanged,
    ClickPoint,
    EpochEnded,
    Heartbeat,
    Hover,
    Hovered,
    ImagePrepared,
    JobEnded,
    PrepareAhead,
    PrepareImage,
    Progress,
    ReclaimDevice,
    ReleaseModels,
    RequestFailed,
    Segment,
    Segmented,
    StartInspection,
    StartTraining,
)
from tests.training.conversation import (
    PRODUCT_WORKER,
    SCRIPTED_WORKER,
    WORKERS,
    Conversation,
    worker_environment,
)

Start = Callable[..., Conversation]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start workers; none outlives its test."""
    started: list[Conversation] = []

    def start_one(command: list[str] = SCRIPTED_WORKER, **environment: str) -> Conversation:
        started.append(Conversation(command, tmp_path / "worker.log", **environment))
        return started[-1]

    yield start_one
    for conversation in started:
        conversation.kill()


@pytest.fixture
def worker(start: Start) -> Conversation:
    """A worker without torch, for tests that end it; see workers/scripted_worker.py."""
    return start()


@pytest.fixture(scope="module")
def shared_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conversation]:
    """A worker that every test leaves idle: starting one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("shared")
    conversation = Conversation(SCRIPTED_WORKER, folder / "worker.log")
    yield conversation
    conversation.kill()


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[[str], str]:
    def make(name: str) -> str:
        (tmp_path / name).mkdir()
        return str(tmp_path / name)

    return make


def run_training(worker: Conversation, folder: str) -> JobEnded:
    worker.say(StartTraining(job_id="job", run_folder=folder))
    return worker.wait_for_end_of("job")


def click(worker: Conversation, request_id: int, image_path: Path | str) -> None:
    point = ClickPoint(x=3.0, y=2.0, label=1)
    worker.say(Segment(request_id=request_id, image_path=str(image_path), points=(point,)))


# ------------------------------------------------------- the product's worker


@pytest.fixture
def picture(tmp_path: Path) -> tuple[Path, Mask]:
    """A dark blot on a grainy plate, as a file, and its true mask."""
    rng = np.random.default_rng(0)
    image = rng.normal(150, 8, (200, 240, 3))
    blot = np.zeros((200, 240), np.uint8)
    cv2.ellipse(blot, (140, 90), (40, 25), 20, 0, 360, 1, -1)
    image[blot > 0] -= 70
    path = tmp_path / "part.png"
    cv2.imwrite(str(path), np.clip(image, 0, 255).astype(np.uint8))
    return path, Mask.from_array(blot)


def test_that_the_products_worker_drafts_a_mask_and_ends_with_its_input(
    start: Start, picture: tuple[Path, Mask]
) -> None:
    path, truth = picture
    worker = start(PRODUCT_WORKER)
    assert worker.hello.protocol == PROTOCOL_VERSION
    assert worker.hello.pid == worker.process.pid
    assert worker.hello.click_model == worker.hello.click_models[0]
    assert [card.kind for card in worker.hello.model_cards]

    worker.say(PrepareImage(request_id=1, image_path=str(path)))
    assert worker.wait_for(ImagePrepared).request_id == 1
    points = (ClickPoint(x=140.0, y=90.0, label=1),)
    worker.say(Segment(request_id=2, image_path=str(path), points=points))
    answer = worker.wait_for(Segmented)
    mask = Mask.from_rle(answer.candidates[0].mask.model_dump())
    assert answer.request_id == 2
    assert mask.iou(truth) > 0.9

    worker.hang_up()
    assert worker.wait_for_exit() == 0


def test_that_the_products_worker_needs_no_torch_to_say_hello_and_cut(
    start: Start, picture: tuple[Path, Mask]
) -> None:
    if torch_finds_a_gpu_driver():
        pytest.skip("where there is a GPU, torch must name it")
    code = (
        "import sys; from training.worker.product import product_services;"
        "services = product_services(); services.clicks.choose('GrabCut');"
        "services.clicks.prepare(__import__('pathlib').Path("
        f"{str(picture[0])!r})); sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=worker_environment(), check=False)
    assert done.returncode == 0


def torch_finds_a_gpu_driver() -> bool:
    from training.worker.product import has_gpu_driver  # noqa: PLC0415

    return has_gpu_driver()


def test_that_a_run_folder_that_is_gone_fails_the_job_with_its_name(
    start: Start, tmp_path: Path
) -> None:
    worker = start(PRODUCT_WORKER)
    ended = run_training(worker, str(tmp_path / "gone"))
    assert ended.error_kind == "bad_data"
    assert str(tmp_path / "gone") in ended.error


# ------------------------------------------------------------------ commands


def test_that_lines_which_are_no_commands_are_passed_over(shared_worker: Conversation) -> None:
    shared_worker.write(b'garbage\n{"type": "sing"}\n{"type": "cancel"}\n\xff\xfe\n[1, 2]\n')
    click(shared_worker, 7, "part.png")
    assert shared_worker.wait_for(Segmented).request_id == 7
    assert "garbage" in shared_worker.log
    assert "sing" in shared_worker.log


def test_that_a_command_may_arrive_in_pieces(shared_worker: Conversation) -> None:
    shared_worker.write(b'{"type": "prepare_image", "request_id"')
    shared_worker.write(b': 4, "image_path": "part.png"}\n')
    assert shared_worker.wait_for(ImagePrepared).request_id == 4


def test_that_of_many_waiting_clicks_only_the_latest_is_answered(
    shared_worker: Conversation, tmp_path: Path
) -> None:
    click(shared_worker, 1, tmp_path / "wait.png")
    wait_until((tmp_path / "wait.begun").exists)
    for request_id in (2, 3, 4):
        click(shared_worker, request_id, "part.png")
    shared_worker.say(StartTraining(job_id="marker", run_folder=str(tmp_path / "gone")))
    shared_worker.wait_for_end_of("marker")
    (tmp_path / "wait.go").touch()
    shared_worker.wait_for(Segmented, lambda answer: answer.request_id == 1)
    assert shared_worker.wait_for(Segmented).request_id == 4


def test_that_a_click_is_answered_before_an_image_that_waits_to_be_prepared(
    shared_worker: Conversation, tmp_path: Path
) -> None:
    click(shared_worker, 1, tmp_path / "wait.png")
    wait_until((tmp_path / "wait.begun").exists)
    shared_worker.say(PrepareImage(request_id=2, image_path="next.png"))
    click(shared_worker, 3, "part.png")
    shared_worker.say(StartTraining(job_id="marker", run_folder=str(tmp_path / "gone")))
    shared_worker.wait_for_end_of("marker")
    (tmp_path / "wait.go").touch()
    answers = [shared_worker.wait_for((Segmented, ImagePrepared)).request_id for _ in range(3)]
    assert answers == [1, 3, 2]


def test_that_a_hover_is_answered(shared_worker: Conversation) -> None:
    shared_worker.say(Hover(request_id=8, image_path="part.png", x=3.0, y=2.0))
    answer = shared_worker.wait_for(Hovered)
    assert answer.request_id == 8
    assert answer.mask is not None
    assert Mask.from_rle(answer.mask.model_dump()).box == Box(3, 2, 4, 3)


def test_that_an_image_is_prepared_ahead_with_its_name_in_the_cache(
    shared_worker: Conversation,
) -> None:
    shared_worker.say(PrepareAhead(request_id=9, image_path="later.png"))
    answer = shared_worker.wait_for(ImagePrepared)
    assert (answer.request_id, answer.encoder, answer.is_kept) == (9, "scripted", True)


def test_that_a_click_interrupts_work_ahead_which_is_finished_later(
    shared_worker: Conversation, tmp_path: Path
) -> None:
    shared_worker.say(PrepareAhead(request_id=1, image_path=str(tmp_path / "long.png")))
    wait_until((tmp_path / "long.begun").exists)
    click(shared_worker, 2, "part.png")
    assert shared_worker.wait_for((Segmented, ImagePrepared)).request_id == 2
    assert (tmp_path / "long.interrupted").exists()
    (tmp_path / "long.go").touch()
    assert shared_worker.wait_for(ImagePrepared).request_id == 1


def test_that_an_image_left_behind_is_not_prepared_to_the_end(
    shared_worker: Conversation, tmp_path: Path
) -> None:
    shared_worker.say(PrepareImage(request_id=1, image_path=str(tmp_path / "long.png")))
    wait_until((tmp_path / "long.begun").exists)
    shared_worker.say(PrepareImage(request_id=2, image_path="part.png"))
    assert shared_worker.wait_for(ImagePrepared).request_id == 2


def test_that_the_device_and_the_model_are_changed_when_asked(shared_worker: Conversation) -> None:
    shared_worker.say(ReclaimDevice())
    assert shared_worker.wait_for(ClickModelChanged).encoder == "scripted"
    shared_worker.say(ChooseClickModel(name="SAM ViT-B"))
    assert shared_worker.wait_for(ClickModelChanged).click_model == "Scripted"
    wait_until(lambda: "chose SAM ViT-B" in shared_worker.log)
    assert "reclaimed" in shared_worker.log


def test_that_models_are_released_when_asked(shared_worker: Conversation) -> None:
    shared_worker.say(ReleaseModels())
    wait_until(lambda: "released" in shared_worker.log)


def test_that_clicks_are_answered_while_a_job_runs(
    worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    folder = folder_of("work_until_cancelled")
    worker.say(StartInspection(job_id="batch", inspection_folder=folder))
    worker.wait_for(Progress)
    click(worker, 5, "part.png")
    assert worker.wait_for(Segmented).request_id == 5


def test_that_a_job_makes_the_heartbeat_busy(
    worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    assert not worker.wait_for(Heartbeat).busy
    folder = folder_of("heed_nothing")
    worker.say(StartInspection(job_id="batch", inspection_folder=folder))
    assert worker.wait_for(Heartbeat, lambda beat: beat.busy).memory_mb > 0


# ---------------------------------------------------------------------- jobs


def test_that_a_job_ends_with_its_figures_less_those_that_are_no_numbers(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    ended = run_training(shared_worker, folder_of("complete"))
    assert ended.outcome == "completed"
    assert ended.metrics == {"val_loss": 0.5}


def test_that_a_training_leaves_its_events_in_its_folder(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    folder = folder_of("complete")
    shared_worker.say(StartTraining(job_id="job", run_folder=folder))
    said = [shared_worker.wait_for(EpochEnded), shared_worker.wait_for_end_of("job")]
    lines = (Path(folder) / "events.jsonl").read_bytes().splitlines()
    assert [decode_event(line) for line in lines] == said


def test_that_the_last_progress_is_told_however_fast_the_job_is(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    shared_worker.say(StartTraining(job_id="job", run_folder=folder_of("hurry")))
    assert shared_worker.wait_for(Progress, lambda progress: progress.done == 1000).total == 1000


def test_that_a_cancelled_job_keeps_what_it_reached(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    folder = folder_of("work_until_cancelled")
    shared_worker.say(StartTraining(job_id="job", run_folder=folder))
    shared_worker.wait_for(Progress)
    shared_worker.say(Cancel(job_id="another"))
    shared_worker.say(Cancel(job_id="job"))
    ended = shared_worker.wait_for_end_of("job")
    assert (ended.outcome, ended.metrics) == ("cancelled", {"epochs": 3.0})
    assert (Path(folder) / "last.ckpt").exists()


def test_that_a_job_which_waits_behind_another_can_be_cancelled(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    first, second = folder_of("work_until_cancelled"), folder_of("complete")
    shared_worker.say(StartInspection(job_id="first", inspection_folder=first))
    shared_worker.say(StartInspection(job_id="second", inspection_folder=second))
    shared_worker.say(Cancel(job_id="second"))
    shared_worker.say(Cancel(job_id="first"))
    assert shared_worker.wait_for_end_of("second").outcome == "cancelled"


def test_that_a_job_started_twice_ends_once(
    worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    start = StartInspection(job_id="job", inspection_folder=folder_of("work_until_cancelled"))
    worker.say(start)
    worker.say(start)
    worker.say(Cancel(job_id="job"))
    worker.wait_for_end_of("job")
    worker.hang_up()
    assert not [event for event in worker.remaining() if isinstance(event, JobEnded)]


@pytest.mark.parametrize(
    ("job", "kind", "text"),
    [
        ("run_out_of_memory", "out_of_memory", "memory"),
        ("fill_the_disk", "disk_full", "/data/last.ckpt"),
        ("find_bad_data", "bad_data", "part.png: the file is empty"),
    ],
)
def test_that_a_fault_of_the_environment_comes_with_a_remedy_and_the_worker_lives_on(
    shared_worker: Conversation, folder_of: Callable[[str], str], job: str, kind: str, text: str
) -> None:
    ended = run_training(shared_worker, folder_of(job))
    assert (ended.outcome, ended.error_kind) == ("failed", kind)
    assert text in ended.error
    assert ended.hint
    click(shared_worker, 1, "part.png")
    assert shared_worker.wait_for(Segmented).request_id == 1


@pytest.mark.parametrize(
    ("job", "error"),
    [("have_a_bug", "ZeroDivisionError: division by zero"), ("exit_the_process", "SystemExit: 3")],
)
def test_that_a_bug_is_named_and_told_in_full_in_the_log(
    shared_worker: Conversation, folder_of: Callable[[str], str], job: str, error: str
) -> None:
    ended = run_training(shared_worker, folder_of(job))
    assert (ended.error_kind, ended.error) == ("bug", error)
    assert f"in {job}" in shared_worker.log


def test_that_nothing_a_library_prints_reaches_the_protocol(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    assert run_training(shared_worker, folder_of("print_much")).outcome == "completed"
    for text in ("by Python", "to the first stdout", "to descriptor 1", "by a child"):
        assert text in shared_worker.log


def test_that_a_library_which_reads_input_takes_no_command(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    assert run_training(shared_worker, folder_of("read_input")).metrics == {"bytes": 0.0}


def test_that_a_click_that_runs_out_of_memory_fails_alone(shared_worker: Conversation) -> None:
    click(shared_worker, 1, "memory.png")
    assert shared_worker.wait_for(RequestFailed).error_kind == "out_of_memory"
    click(shared_worker, 2, "part.png")
    assert shared_worker.wait_for(Segmented).request_id == 2


# ------------------------------------------------------------------- its end


def test_that_a_native_crash_of_a_job_ends_the_process_with_a_trace(
    worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    worker.say(StartTraining(job_id="job", run_folder=folder_of("segfault")))
    assert worker.wait_for_exit() == -signal.SIGSEGV
    assert "in crash" in worker.log


def test_that_a_native_crash_of_a_click_ends_the_process(worker: Conversation) -> None:
    click(worker, 1, "segfault.png")
    assert worker.wait_for_exit() == -signal.SIGSEGV


@pytest.mark.parametrize("job", ["work_until_cancelled", "leave_when_cancelled"])
def test_that_the_end_of_input_cancels_the_job_and_then_ends_the_worker(
    worker: Conversation, folder_of: Callable[[str], str], job: str
) -> None:
    worker.say(StartTraining(job_id="job", run_folder=folder_of(job)))
    worker.wait_for(Heartbeat, lambda beat: beat.busy)
    worker.hang_up()
    assert worker.wait_for_end_of("job").outcome == "cancelled"
    assert worker.wait_for_exit() == 0


def test_that_sigterm_ends_a_worker_as_the_end_of_input_does(
    worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    worker.say(StartTraining(job_id="job", run_folder=folder_of("work_until_cancelled")))
    worker.wait_for(Progress)
    worker.process.terminate()
    assert worker.wait_for_end_of("job").outcome == "cancelled"
    assert worker.wait_for_exit() == 0


def test_that_ctrl_c_in_the_terminal_is_left_to_the_command_line(worker: Conversation) -> None:
    worker.process.send_signal(signal.SIGINT)
    click(worker, 1, "part.png")
    assert worker.wait_for(Segmented).request_id == 1


def test_that_a_worker_whose_job_heeds_nothing_is_gone_after_the_grace_period(
    start: Start, folder_of: Callable[[str], str]
) -> None:
    worker = start(INSPECTOR_WORKER_GRACE_S="0.2")
    worker.say(StartTraining(job_id="job", run_folder=folder_of("heed_nothing")))
    worker.wait_for(Progress)
    worker.hang_up()
    assert worker.wait_for_exit() == 0


def test_that_a_worker_nobody_listens_to_ends() -> None:
    pipe = subprocess.PIPE
    worker = subprocess.Popen(SCRIPTED_WORKER, stdin=pipe, stdout=pipe, env=worker_environment())
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdout.close()
    assert worker.wait(60) == 0
    worker.stdin.close()


def test_that_no_worker_survives_a_killed_parent() -> None:
    command = [sys.executable, str(WORKERS / "parent.py"), *SCRIPTED_WORKER]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, env=worker_environment())
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    worker.wait(60)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does to a file."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
