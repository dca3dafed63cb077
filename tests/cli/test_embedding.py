"""`inspector embed`: a whole folder encoded, resumed, bounded, cancelled."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from inspector_app import paths
from inspector_app.cli.main import run
from inspector_app.protocol.embeddings import EmbeddingFiles

ENCODING = str(Path(__file__).parent / "workers" / "encoding.py")


@pytest.fixture(autouse=True)
def encoding_worker(inspector_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose model “Tiny” keeps 100 kB of every image."""
    monkeypatch.setattr(paths, "worker_command", lambda: [sys.executable, ENCODING])


@pytest.fixture
def embed(project_folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def embed(*words: str, code: int = 0) -> Any:
        assert run(["embed", str(project_folder), *words, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return embed


def test_that_every_image_is_encoded_and_kept(embed: Any, category: Path) -> None:
    document = embed()
    assert (document["encoded"], document["found"]) == (14, 0)
    assert document["click_model"] == "Tiny"
    files = EmbeddingFiles(paths.embeddings_folder())
    assert all(files.has("tiny", path) for path in category.glob("t*/*/*.png"))
    assert document["bytes"] == files.bytes_of("tiny", next(category.glob("test/*/*.png"))) * 14


def test_that_a_second_run_goes_on_where_the_first_was_left(embed: Any, category: Path) -> None:
    embed()
    (category / "train/good/000.png").write_bytes(b"another photo")
    document = embed()
    assert (document["encoded"], document["found"]) == (1, 13)


def test_that_a_bad_image_is_named_and_the_others_are_encoded(embed: Any, category: Path) -> None:
    (category / "train/good/003.png").write_bytes(b"")
    document = embed()
    assert document["encoded"] == 13
    [remark] = document["remarks"]
    assert "003.png" in remark


def test_that_the_room_is_not_exceeded(embed: Any) -> None:
    document = embed("--limit-gb", "0.01")
    full = embed("--limit-gb", "0.01", "--model", "Large")
    assert document["remarks"] == []
    assert full["encoded"] < 14
    assert "--limit-gb" in full["remarks"][0]
    assert EmbeddingFiles(paths.embeddings_folder()).total_bytes() <= 0.01 * 2**30


def test_that_another_model_may_be_chosen(embed: Any) -> None:
    embed()
    assert embed("--model", "Other")["encoded"] == 14


def test_that_a_model_that_is_not_at_hand_is_refused(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["embed", str(project_folder), "--model", "SAM ViT-Z"]) == 2
    assert "Tiny, Other, Large, GrabCut" in capsys.readouterr().err


def test_that_grabcut_has_nothing_to_prepare(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["embed", str(project_folder), "--model", "GrabCut"]) == 2
    assert "import the weights" in capsys.readouterr().err


def test_that_without_weights_the_remedy_is_told(
    project_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, ENCODING, "--no-weights"]
    monkeypatch.setattr(paths, "worker_command", lambda: command)
    assert run(["embed", str(project_folder)]) == 2
    assert "import the weights" in capsys.readouterr().err


def test_that_a_fault_of_the_model_is_a_bug(project_folder: Path, category: Path) -> None:
    (category / "train/good/003.png").write_bytes(b"bug")
    assert run(["embed", str(project_folder)]) == 1


def test_that_ctrl_c_ends_it_after_the_image_under_way(
    embed: Any, category: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inspector_app.cli import embedding  # noqa: PLC0415

    note = embedding._note

    def note_and_interrupt(*arguments: Any) -> None:
        note(*arguments)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(embedding, "_note", note_and_interrupt)
    document = embed(code=130)
    assert (document["outcome"], document["encoded"]) == ("cancelled", 1)
    monkeypatch.setattr(embedding, "_note", note)
    assert embed()["found"] == 1
