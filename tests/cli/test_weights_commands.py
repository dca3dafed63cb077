"""`inspector weights`: what it lists, imports, verifies and fetches."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from inspector_app import paths
from inspector_app.cli import weights_commands
from inspector_app.cli.main import run
from inspector_app.services.weights_fetch import fetch_weights, part_of
from tests.services.published import CONTENT, PUBLISHED
from tests.services.weights_server import HOST, Behaviour

Tell = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def server(weights_server: Behaviour, monkeypatch: pytest.MonkeyPatch) -> Behaviour:
    """A server that the commands may fetch from."""
    local_fetch = partial(fetch_weights, plain_http_hosts=frozenset({HOST}))
    monkeypatch.setattr(weights_commands, "fetch_weights", local_fetch)
    return weights_server


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Run a command with --json; return its code and document."""

    def tell(*words: object) -> tuple[int, dict[str, Any]]:
        code = run(["weights", *map(str, words), "--json"])
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return code, document

    return tell


def states(document: dict[str, Any]) -> dict[str, str]:
    return {item["file"]: item["state"] for item in document["weights"]}


def test_that_missing_weights_are_listed_with_their_address(
    server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["weights", "list"]) == 0
    line = capsys.readouterr().out.strip()
    assert line.startswith("missing    Small  0.0 MB · Apache-2.0 · http://")


def test_that_what_was_put_there_by_hand_is_not_taken_for_verified(
    server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    paths.weights_folder().mkdir()
    (paths.weights_folder() / "small.pt").write_bytes(CONTENT)
    run(["weights", "list"])
    assert "present, not verified yet" in capsys.readouterr().out
    run(["weights", "verify"])
    assert "not verified yet" not in capsys.readouterr().out


def test_that_a_folder_is_imported(server: Behaviour, stick: Path, tell: Tell) -> None:
    code, document = tell("import", stick)
    assert code == 0
    assert {each["file"] for each in document["imported"]} == {"small.pt", "mine.safetensors"}
    present = [name for name, state in states(tell("list")[1]).items() if state == "present"]
    assert present == ["small.pt", "mine.safetensors"]


def test_that_a_bad_file_is_told_and_keeps_no_other_out(
    server: Behaviour, stick: Path, tell: Tell
) -> None:
    (stick / "bad.pt").write_bytes(b"bad")
    code, document = tell("import", stick)
    assert (code, len(document["imported"]), len(document["refused"])) == (2, 2, 1)


def test_that_an_empty_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["weights", "import", str(tmp_path)]) == 2
    assert "no weights in there" in capsys.readouterr().err


def test_that_verifying_finds_what_has_changed_since(
    server: Behaviour, stick: Path, tell: Tell
) -> None:
    tell("import", stick)
    assert tell("verify")[0] == 0
    own = paths.weights_folder() / "mine.safetensors"
    save_file({"weight": np.ones(3, np.float32)}, own)
    code, document = tell("verify")
    assert (code, states(document)["mine.safetensors"]) == (2, "corrupt")


def test_that_one_file_can_be_verified_by_its_name(server: Behaviour, tell: Tell) -> None:
    code, document = tell("verify", "SMALL")
    assert (code, states(document)) == (0, {"small.pt": "missing"})


@pytest.mark.parametrize("command", ["verify", "fetch"])
def test_that_an_unknown_name_is_answered_with_those_there_are(
    server: Behaviour, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["weights", command, "large"]) == 2
    assert "large: no such weights — choose from: Small" in capsys.readouterr().err


def test_that_weights_are_fetched_and_then_present(server: Behaviour, tell: Tell) -> None:
    code, document = tell("fetch", "small.pt")
    assert (code, document["fetched"][0]["name"]) == (0, "Small")
    assert states(tell("list")[1])["small.pt"] == "present"


def test_that_address_and_bytes_are_told_before_anything_is_fetched(
    server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    server.cuts = [5000, 0]
    assert run(["weights", "fetch", "Small"]) == 2
    assert run(["weights", "fetch", "Small"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("/small.pt (11,000 bytes, Apache-2.0)")
    assert "0 MB of it are here already" in lines


def test_that_a_wrong_content_is_refused(server: Behaviour, tell: Tell) -> None:
    server.content = CONTENT[::-1]
    code, document = tell("fetch", "Small")
    assert code == 2
    assert "not the published Small" in document["refused"][0]


def test_that_stopping_is_no_bug_and_keeps_what_came(
    server: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    server.cuts = [5000, 0]
    run(["weights", "fetch", "Small"])
    monkeypatch.setattr(weights_commands, "fetch_weights", stop)
    assert run(["weights", "fetch", "Small"]) == 130
    assert part_of(PUBLISHED).stat().st_size == 5000
