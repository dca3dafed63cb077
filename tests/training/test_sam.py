"""SAM and MobileSAM on networks with random weights, saved in the official layouts."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from segment_anything import SamPredictor, sam_model_registry
from segment_anything.modeling import Sam

from inspector_app.domain.errors import MissingWeightsError
from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.protocol.weights import WeightsEntry, WeightsManifest
from tests.training.conversation import WORKERS, worker_environment
from tests.training.small_sam import Counter, small_sam, write_photo
from training.segmenters.base import Prompts
from training.segmenters.choose import ClickModels
from training.segmenters.mobile_sam import build_mobile_sam
from training.segmenters.picture import Picture
from training.segmenters.sam import SamSegmenter, build_sam
from training.ultralytics_import import process_settings_kept
from training.weights import StateDict, WeightsShelf

FILES = {
    "SAM ViT-H": "sam_vit_h_4b8939.pth",
    "SAM ViT-L": "sam_vit_l_0b3195.pth",
    "SAM ViT-B": "sam_vit_b_01ec64.pth",
    "MobileSAM": "mobile_sam.pt",
}


def entry_of(name: str, content: bytes) -> WeightsEntry:
    return WeightsEntry(
        name=name,
        file=FILES[name],
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        licence="Apache-2.0",
        url=f"https://example.org/{FILES[name]}",
        used_for="tests",
    )


def shelf_of(folder: Path, contents: dict[str, bytes]) -> WeightsShelf:
    """A shelf whose manifest publishes `contents`, and other bytes for every other name."""
    entries = tuple(entry_of(name, contents.get(name, b"published")) for name in FILES)
    return WeightsShelf(WeightsManifest(weights=entries), (folder,))


@pytest.fixture(scope="module")
def mobile_weights() -> StateDict:
    """Random weights of MobileSAM's network; nothing in them is as it was initialised."""
    with process_settings_kept():
        from ultralytics.models.sam.build import build_mobile_sam as build  # noqa: PLC0415

    generator = torch.Generator().manual_seed(0)
    state: StateDict = build().state_dict()
    for name, tensor in state.items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5, generator=generator)
        elif (tensor.is_floating_point() and tensor.ndim < 2) or "biases" in name:
            tensor.normal_(0.0, 0.5, generator=generator)
    return state


@pytest.fixture(scope="module")
def mobile_file(mobile_weights: StateDict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / FILES["MobileSAM"]
    torch.save(mobile_weights, path)
    return path


@pytest.fixture(scope="module")
def network() -> Sam:
    return small_sam().eval()


@pytest.fixture
def segmenter(network: Sam) -> SamSegmenter:
    return SamSegmenter("SAM ViT-B", network, "cpu")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return write_photo(tmp_path / "part.png", seed=0)


def click(*points: tuple[float, float, int], box: Box | None = None, **more: Any) -> Prompts:
    return Prompts(tuple(PromptPoint(x, y, label) for x, y, label in points), box, **more)


# -------------------------------------------------------------------- layouts


def test_that_mobile_sams_file_has_the_size_of_the_published_one(mobile_file: Path) -> None:
    # 40,561,032 bytes of tensors; the rest is one archive entry per tensor.
    assert abs(mobile_file.stat().st_size - 40_728_226) < 40_000


def test_that_mobile_sam_computes_what_ultralytics_computes(
    mobile_file: Path, mobile_weights: StateDict
) -> None:
    with process_settings_kept():
        from ultralytics.models.sam.build import build_mobile_sam as build  # noqa: PLC0415

    image = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(1))
    embeddings = []
    for network in (build(str(mobile_file)), build_mobile_sam(mobile_weights)):
        # A sixteenth of the pixels, for a test's time.
        network.image_encoder.set_imgsz([256, 256])
        with torch.inference_mode():
            embeddings.append(network.image_encoder(image))
    assert torch.equal(*embeddings)
    assert embeddings[0].std() > 0.01


def test_that_weights_of_another_network_are_refused(mobile_weights: StateDict) -> None:
    some = {name: tensor for name, tensor in mobile_weights.items() if "neck" not in name}
    with pytest.raises(MissingWeightsError, match="neck"):
        build_mobile_sam(some)


def test_that_sams_network_is_filled_with_its_weights_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sam_model_registry, "vit_b", small_sam)
    weights = small_sam().state_dict()
    network = build_sam("vit_b", weights)
    assert all(torch.equal(tensor, weights[n]) for n, tensor in network.state_dict().items())
    everything = [*network.parameters(), *network.buffers()]
    assert {tensor.device.type for tensor in everything} == {"cpu"}
    assert network.pixel_mean.flatten().tolist() == pytest.approx([123.675, 116.28, 103.53])
    assert not network.training


@pytest.mark.parametrize(("variant", "tensors"), [("vit_b", 314), ("vit_l", 482), ("vit_h", 594)])
def test_that_every_size_of_sam_takes_the_layout_of_its_registry(
    variant: str, tensors: int
) -> None:
    with torch.device("meta"):
        layout = sam_model_registry[variant]().state_dict()
    assert len(layout) == tensors
    weights = {name: torch.empty(t.shape, device="meta") for name, t in layout.items()}
    assert build_sam(variant, weights).image_encoder.img_size == 1024


# --------------------------------------------------------------------- clicks


def test_that_sam_answers_as_its_own_predictor_does(
    segmenter: SamSegmenter, network: Sam, photo: Path
) -> None:
    candidates = segmenter.segment(Picture.at(photo), click((30.0, 20.0, 1)))
    predictor = SamPredictor(network)
    predictor.set_image(Picture.at(photo).rgb)
    masks, qualities, _ = predictor.predict(np.array([[30.0, 20.0]]), np.array([1]))
    best = masks[qualities.argmax()]
    assert best.any()
    assert np.array_equal(candidates[0].mask, best)


def test_that_one_click_gives_candidates_best_first(segmenter: SamSegmenter, photo: Path) -> None:
    candidates = segmenter.segment(Picture.at(photo), click((30.0, 20.0, 1)))
    qualities = [candidate.quality_01 for candidate in candidates]
    assert 1 < len(candidates) <= 3
    assert qualities == sorted(qualities, reverse=True)
    assert all(0.0 <= quality <= 1.0 for quality in qualities)
    assert {candidate.mask.shape for candidate in candidates} == {(60, 80)}


@pytest.mark.parametrize(
    "prompts",
    [
        click(box=Box(10, 10, 50, 40)),
        click((30.0, 20.0, 1), (60.0, 50.0, 0)),
        click((30.0, 20.0, 1), box=Box(-5, -5, 500, 400)),
    ],
)
def test_that_prompts_without_doubt_give_one_candidate(
    segmenter: SamSegmenter, photo: Path, prompts: Prompts
) -> None:
    assert len(segmenter.segment(Picture.at(photo), prompts)) <= 1


def test_that_an_image_is_encoded_once(
    segmenter: SamSegmenter, network: Sam, photo: Path, tmp_path: Path
) -> None:
    other = write_photo(tmp_path / "other.png", seed=1)
    encoded = Counter(network)
    for path in (photo, other, photo):
        segmenter.prepare(Picture.at(path))
        segmenter.segment(Picture.at(path), click((30.0, 20.0, 1)))
    encoded.handle.remove()
    assert encoded.count == 2


def test_that_an_image_that_was_saved_anew_is_encoded_anew(
    segmenter: SamSegmenter, network: Sam, photo: Path
) -> None:
    segmenter.prepare(Picture.at(photo))
    write_photo(photo, seed=2).touch()
    encoded = Counter(network)
    segmenter.prepare(Picture.at(photo))
    encoded.handle.remove()
    assert encoded.count == 1


def test_that_an_added_click_refines_the_last_answer(segmenter: SamSegmenter, photo: Path) -> None:
    picture = Picture.at(photo)
    first, both = click((30.0, 20.0, 1)), click((30.0, 20.0, 1), (50.0, 40.0, 0))
    fresh = segmenter.segment(picture, both)
    segmenter.segment(picture, first)
    refined = segmenter.segment(picture, both)
    assert masks_of(refined) != masks_of(fresh)


def test_that_clicks_on_another_image_refine_nothing(
    segmenter: SamSegmenter, photo: Path, tmp_path: Path
) -> None:
    other = Picture.at(write_photo(tmp_path / "other.png", seed=1))
    both = click((30.0, 20.0, 1), (50.0, 40.0, 0))
    fresh = segmenter.segment(other, both)
    segmenter.segment(Picture.at(photo), click((30.0, 20.0, 1)))
    assert masks_of(segmenter.segment(other, both)) == masks_of(fresh)


def masks_of(candidates: list) -> list[bytes]:  # type: ignore[type-arg]
    return [candidate.mask.tobytes() for candidate in candidates]


# ------------------------------------------------------------- which one it is


@pytest.mark.parametrize(
    ("device", "present", "chosen"),
    [
        ("cuda", ("MobileSAM", "SAM ViT-B", "SAM ViT-H"), "SAM ViT-H"),
        ("cuda", ("MobileSAM", "SAM ViT-B"), "SAM ViT-B"),
        ("cuda", ("MobileSAM",), "MobileSAM"),
        ("cpu", ("MobileSAM", "SAM ViT-B", "SAM ViT-H"), "MobileSAM"),
        ("cpu", ("SAM ViT-B", "SAM ViT-H"), "SAM ViT-B"),
        ("cpu", (), "GrabCut"),
        ("cuda", (), "GrabCut"),
    ],
)
def test_that_the_best_model_for_the_device_is_chosen(
    tmp_path: Path, device: str, present: tuple[str, ...], chosen: str
) -> None:
    contents = {name: name.encode() for name in present}
    for name, content in contents.items():
        (tmp_path / FILES[name]).write_bytes(content)
    assert ClickModels(shelf_of(tmp_path, contents), device).name == chosen


def test_that_damaged_weights_are_remarked_and_the_next_best_is_chosen(tmp_path: Path) -> None:
    (tmp_path / FILES["SAM ViT-H"]).write_bytes(b"damaged")
    (tmp_path / FILES["SAM ViT-B"]).write_bytes(b"genuine")
    models = ClickModels(shelf_of(tmp_path, {"SAM ViT-B": b"genuine"}), "cuda")
    assert models.name == "SAM ViT-B"
    [remark] = models.remarks
    assert FILES["SAM ViT-H"] in remark


def test_that_a_slow_model_on_the_cpu_is_remarked(tmp_path: Path) -> None:
    (tmp_path / FILES["SAM ViT-H"]).write_bytes(b"genuine")
    [remark] = ClickModels(shelf_of(tmp_path, {"SAM ViT-H": b"genuine"}), "cpu").remarks
    assert "MobileSAM" in remark


def test_that_published_weights_answer_a_click(mobile_file: Path, photo: Path) -> None:
    shelf = shelf_of(mobile_file.parent, {"MobileSAM": mobile_file.read_bytes()})
    models = ClickModels(shelf, "cpu")
    models.prepare(photo)
    assert models.name == "MobileSAM"
    answer = models.segment(photo, click((30.0, 20.0, 1)))
    assert answer.click_model == "MobileSAM"
    assert answer.candidates


def test_that_weights_that_fit_no_network_leave_grabcut(tmp_path: Path, photo: Path) -> None:
    path = tmp_path / FILES["MobileSAM"]
    torch.save({"weight": torch.zeros(3)}, path)
    models = ClickModels(shelf_of(tmp_path, {"MobileSAM": path.read_bytes()}), "cpu")
    assert models.segment(photo, click((30.0, 20.0, 1))).click_model == "GrabCut"
    assert "another network" in models.remarks[0]


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_that_a_model_that_does_not_fit_into_memory_leaves_grabcut(
    tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise error

    (tmp_path / FILES["MobileSAM"]).write_bytes(b"genuine")
    models = ClickModels(shelf_of(tmp_path, {"MobileSAM": b"genuine"}), "cpu")
    monkeypatch.setattr(WeightsShelf, "read", refuse)
    assert models.segment(photo, click((30.0, 20.0, 1))).click_model == "GrabCut"
    assert "memory" in models.remarks[0]


def test_that_a_model_that_runs_out_of_memory_on_a_click_leaves_grabcut(
    mobile_file: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    shelf = shelf_of(mobile_file.parent, {"MobileSAM": mobile_file.read_bytes()})
    monkeypatch.setattr(SamSegmenter, "segment", refuse)
    answer = ClickModels(shelf, "cpu").segment(photo, click((30.0, 20.0, 1)))
    assert answer.click_model == "GrabCut"


def test_that_released_models_leave_the_gpu_and_say_so(tmp_path: Path) -> None:
    contents = {"SAM ViT-H": b"huge", "MobileSAM": b"small"}
    for name, content in contents.items():
        (tmp_path / FILES[name]).write_bytes(content)
    models = ClickModels(shelf_of(tmp_path, contents), "cuda")
    models.release()
    assert models.name == "MobileSAM on the CPU"


def test_that_what_does_not_belong_alone_shows_nothing(tmp_path: Path, photo: Path) -> None:
    models = ClickModels(shelf_of(tmp_path, {}), "cpu")
    assert models.segment(photo, click((30.0, 20.0, 0))).candidates == ()


def test_that_building_mobile_sam_neither_phones_home_nor_changes_the_process(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, str(WORKERS / "import_mobile_sam.py"), str(home)],
        env=worker_environment(
            HOME=str(home), XDG_CONFIG_HOME=str(home), XDG_CACHE_HOME=str(home), OMP_NUM_THREADS=""
        ),
        capture_output=True,
        check=True,
    )
    report = json.loads(done.stdout.splitlines()[-1])
    assert report.pop("settings_file").startswith(os.environ["INSPECTOR_HOME"])
    assert report == {
        "network": [],
        "is_refused": True,
        "settings_kept": True,
        "telemetry": False,
        "is_online": False,
        "installs": False,
        "left_in_home": [],
    }
