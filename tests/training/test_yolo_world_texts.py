"""Words of YOLO-World's classes: CLIP's vectors where it is at hand. No real weights here."""

import gzip
import hashlib
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.protocol.weights import WeightsEntry, WeightsManifest
from tests.training.parts import Listener, photo_items, write_run_of
from training.fit.run import run_training
from training.inference.bundle import load_bundle
from training.models.yolo_world.card import YoloWorldConfig
from training.models.yolo_world.clip import TextEncoder
from training.models.yolo_world.clip_tokens import Tokenizer
from training.models.yolo_world.model import YoloWorld
from training.models.yolo_world.prompted import prompted
from training.models.yolo_world.texts import (
    CLIP,
    WORD_PARTS,
    choose_texts,
    clip_texts,
    orthonormal_texts,
)
from training.weights import WeightsShelf

MERGES = [("d", "e"), ("n", "t</w>"), ("de", "nt</w>"), ("i", "n")]
WORDS = 512 + len(MERGES) + 2


class _Gelu(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class _Block(nn.Module):
    """One block as the paper's code names its parts."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(channels, channels // 64)
        self.ln_1 = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(
            OrderedDict(
                c_fc=nn.Linear(channels, 4 * channels),
                gelu=_Gelu(),
                c_proj=nn.Linear(4 * channels, channels),
            )
        )
        self.ln_2 = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.full((len(x), len(x)), float("-inf")).triu(1)
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=hidden)[0]
        answer: Tensor = x + self.mlp(self.ln_2(x))
        return answer


class _Clip(nn.Module):
    """The text part of CLIP, small and with random weights."""

    def __init__(self, channels: int = 512, layers: int = 2) -> None:
        super().__init__()
        torch.manual_seed(0)
        blocks = nn.Sequential(*(_Block(channels) for _ in range(layers)))
        self.transformer = nn.ModuleDict({"resblocks": blocks})
        self.token_embedding = nn.Embedding(WORDS, channels)
        self.positional_embedding = nn.Parameter(torch.randn(77, channels))
        self.ln_final = nn.LayerNorm(channels)
        self.text_projection = nn.Parameter(torch.randn(channels, channels) / 20)

    def forward(self, numbers: Tensor) -> Tensor:
        return numbers

    def encode(self, numbers: Tensor) -> Tensor:
        x = self.token_embedding(numbers) + self.positional_embedding
        x = self.ln_final(self.transformer["resblocks"](x.permute(1, 0, 2)).permute(1, 0, 2))
        y: Tensor = x[torch.arange(len(x)), numbers.argmax(-1)] @ self.text_projection
        return nn.functional.normalize(y, dim=-1)


def _entry(name: str, path: Path) -> WeightsEntry:
    return WeightsEntry(
        name=name,
        file=path.name,
        bytes=None,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        licence="MIT",
        url="https://example.org",
        used_for="tests",
    )


def _write_word_parts(path: Path) -> Path:
    lines = ["#version", *(" ".join(pair) for pair in MERGES), ""]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


@pytest.fixture(scope="module")
def network_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large network with random weights, as it is published; making one takes a second."""
    network = YoloWorld(YoloWorldConfig(network="yolov8l-world"), ("good", "x")).network
    path = tmp_path_factory.mktemp("published") / "yolov8l-world.pt"
    torch.save({"model": network}, path)
    return path


@pytest.fixture
def shelf(tmp_path: Path, network_file: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsShelf:
    """Return a shelf with a made-up CLIP, whose file of word parts is short."""
    monkeypatch.setattr("training.models.yolo_world.clip_tokens._MERGES", len(MERGES))
    torch.jit.script(_Clip()).save(str(tmp_path / "ViT-B-32.pt"))  # type: ignore[no-untyped-call]
    entries = (
        _entry(CLIP, tmp_path / "ViT-B-32.pt"),
        _entry(WORD_PARTS, _write_word_parts(tmp_path / "bpe.txt.gz")),
        _entry("YOLO-World L", network_file),
    )
    return WeightsShelf(WeightsManifest(weights=entries), [tmp_path, network_file.parent])


def words(text: str, **config: Any) -> YoloWorldConfig:
    settings = {"network": "yolov8l-world", "image_size_px": 64, "words": text}
    return YoloWorldConfig.model_validate(settings | config)


def test_that_fixed_vectors_are_at_right_angles() -> None:
    vectors = orthonormal_texts(300)
    torch.testing.assert_close(vectors @ vectors.T, torch.eye(300), atol=1e-5, rtol=0)


def test_that_fixed_vectors_stay_apart_beyond_their_number_of_channels() -> None:
    vectors = orthonormal_texts(600)
    likeness = (vectors @ vectors.T).fill_diagonal_(0)
    assert likeness.abs().max() < 0.3
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(600))


def test_that_more_classes_leave_the_first_vectors_as_they_are() -> None:
    assert torch.equal(orthonormal_texts(3), orthonormal_texts(600)[:3])


def test_that_letters_are_merged_in_the_order_of_the_file() -> None:
    numbers = Tokenizer(MERGES).numbers(["Dent  in"])[0].tolist()
    dent, i, n_end = 512 + 2, ord("i") - 33, 256 + ord("n") - 33
    assert numbers[:5] == [WORDS - 2, dent, i, n_end, WORDS - 1]
    assert set(numbers[5:]) == {0}


def test_that_any_text_has_numbers_and_none_is_too_long() -> None:
    numbers = Tokenizer(MERGES).numbers(["裂/ä_1, " * 40])
    assert numbers.shape == (1, 77)
    assert numbers[0, -1] == WORDS - 1


def test_that_the_encoder_answers_as_clips_own_blocks_do() -> None:
    clip = _Clip().eval()
    numbers = Tokenizer(MERGES).numbers(["dent", "in dent"])
    with torch.inference_mode():
        expected = clip.encode(numbers)
    answer = TextEncoder.of(clip.state_dict())(numbers)
    torch.testing.assert_close(answer, expected, atol=1e-5, rtol=1e-4)


def test_that_classes_are_words_where_clip_is_at_hand(shelf: WeightsShelf) -> None:
    texts = choose_texts(["dent", "in"], shelf)
    assert "by their names" in texts.description
    assert torch.equal(texts.vectors, clip_texts(["dent", "in"], shelf))


def test_that_classes_are_a_closed_set_without_clip() -> None:
    texts = choose_texts(["dent", "in"], WeightsShelf.of_this_machine())
    assert "closed set" in texts.description


def test_that_names_that_are_the_same_to_clip_get_fixed_vectors(shelf: WeightsShelf) -> None:
    assert "the same" in choose_texts(["dent", "DENT"], shelf).description


def test_that_a_damaged_file_of_word_parts_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bpe.txt.gz"
    path.write_bytes(b"no gzip")
    with pytest.raises(MissingWeightsError, match=r"bpe\.txt\.gz"):
        Tokenizer.read(path)


def test_that_a_published_network_looks_for_words(shelf: WeightsShelf) -> None:
    model = prompted(words("dent, in the middle"), shelf)
    with torch.inference_mode():
        [look] = model.look(torch.rand(1, 3, 64, 64))
    assert look.shares is not None
    assert len(look.shares) == 3
    assert torch.equal(model.texts, clip_texts(["dent", "in the middle"], shelf))


def test_that_words_are_counted_once_and_empty_ones_not() -> None:
    assert words(" scratch, dent ,,scratch").word_list == ("scratch", "dent")


def test_that_all_missing_weights_are_named_at_once_with_their_remedy() -> None:
    with pytest.raises(MissingWeightsError) as told:
        prompted(words("dent"), WeightsShelf.of_this_machine())
    for name in ("YOLO-World L (yolov8l-world.pt)", "CLIP ViT-B/32 (ViT-B-32.pt)", WORD_PARTS):
        assert name in told.value.message
    assert "Weights…" in told.value.hint
    assert told.value.hint.count("https://") == 3


def test_that_a_network_that_was_not_published_is_refused(shelf: WeightsShelf) -> None:
    with pytest.raises(BadDataError, match="choose yolov8l-world"):
        prompted(words("dent", network="yolov8s-worldv2"), shelf)


def test_that_words_that_are_the_same_to_clip_are_refused(shelf: WeightsShelf) -> None:
    with pytest.raises(BadDataError, match="dent, DENT"):
        prompted(words("dent, DENT"), shelf)


def test_that_words_make_a_bundle_without_a_training(
    shelf: WeightsShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WeightsShelf, "of_this_machine", lambda: shelf)
    items = photo_items(tmp_path / "photos", train=1, val=0, test=1)
    config = words("dent, in the middle").model_dump()
    run = write_run_of("yolo_world", tmp_path / "run", items, config)
    figures = run_training(run, Listener())
    assert figures["epochs"] == 0.0
    bundle = load_bundle(run / "bundle", torch.device("cpu"))
    assert bundle.card.classes == ("good", "dent", "in the middle")
    assert bundle.card.threshold.method == "words"
    expected = prompted(words("dent, in the middle"), shelf)
    image = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(bundle.model.score(image), expected.score(image))
