"""The worker as a process: what it answers."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.base import PROTOCOL_VERSION
from inspector_app.protocol.messages import (
    ChooseClickModel,
    ClickModelChanged,
    ClickPoint,
    Heartbeat,
    Hover,
    Hovered,
    ImagePrepared,
    PrepareAhead,
    PrepareImage,
    Progress,
    ReclaimDevice,
    ReleaseModels,
    Segment,
    Segmented,
    StartInspection,
    StartTraining,
)
from tests.training.conftest import Start
from tests.training.conversation import (
    PRODUCT_WORKER,
    Conversation,
    click,
    run_training,
    wait_until,
    worker_environment,
)

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
