"""Errors, exit codes and help, through the same entry as the program's."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from inspector_app.__main__ import is_for_the_window
from inspector_app.cli import commands
from inspector_app.cli.log import log_file
from inspector_app.cli.main import command_names, run


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["export", "{tmp}", "--format", "coco", "{tmp}/out"], "not a project"),
        (["new", "{tmp}/project", "--images", "{tmp}/nothing"], "no such folder"),
        (["train", "{tmp}", "--model", "autoencoder"], "not a project"),
        (["inspect", "{tmp}", "{tmp}/nothing", "--out", "{tmp}/out"], "nothing"),
        (["sample", "{tmp}", "--product", "spoon"], "fabric"),
        (["demo", "--product", "spoon"], "fabric"),
        (["demo", "--data", "{tmp}/nothing", "--out", "{tmp}/out"], "nothing"),
        (["new", "{tmp}/project"], "--images"),
        (["bogus"], "bogus"),
        (["train", "--bogus"], "inspector train --help"),
    ],
)
def test_that_a_refusal_is_one_line_on_stderr_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], complaint: str
) -> None:
    code = run([word.replace("{tmp}", str(tmp_path)) for word in words])
    captured = capsys.readouterr()
    assert code == 2
    assert complaint in captured.err
    assert captured.err.startswith("inspector: ")
    assert captured.err.count("\n") == 1


def test_that_a_bug_is_one_line_and_leaves_its_traceback_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down() -> dict[str, dict[str, str]]:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(commands, "examine", break_down)
    assert run(["doctor"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert str(log_file()) in error
    assert "break_down" in log_file().read_text(encoding="utf-8")


def test_that_ctrl_c_outside_of_a_job_is_code_130(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt() -> dict[str, dict[str, str]]:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "examine", interrupt)
    assert run(["doctor"]) == 130


def test_that_a_command_works_without_a_place_for_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("INSPECTOR_HOME", str(tmp_path / "file"))
    assert run(["--help"]) == 0
    assert "doctor" in capsys.readouterr().out


def test_that_no_argument_and_a_folder_open_the_window(tmp_path: Path) -> None:
    assert is_for_the_window([])
    assert is_for_the_window([str(tmp_path)])
    assert is_for_the_window(["--self-test", str(tmp_path)])


def test_that_a_command_wins_over_a_folder_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample").mkdir()
    assert not is_for_the_window(["sample"])
    assert is_for_the_window(["./sample"])
    assert not is_for_the_window(["no-such-folder"])


def test_that_the_commands_are_the_documented_ones() -> None:
    assert command_names() == {
        "new", "import", "export", "train", "join", "inspect", "doctor", "sample", "demo", "embed",
        "adapt", "report", "split", "runs", "propose", "study", "weights",
    }  # fmt: skip


def test_that_the_command_line_loads_neither_qt_nor_torch() -> None:
    code = (
        "import sys, inspector_app.cli.main as m; m.run(['--help']);"
        "sys.exit(bool({'PySide6', 'torch', 'training'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode
        == 0
    )


def test_that_both_samples_are_made_unless_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def create(folder: Path, *, product: str, seed: int, progress: object) -> Path:
        return folder / f"{product}-{seed}"

    # Making a hundred photos takes seconds, and has tests of its own.
    monkeypatch.setattr(commands, "create_sample", create)
    assert run(["sample", str(tmp_path), "--json"]) == 0
    folders = json.loads(capsys.readouterr().out)["folders"]
    assert [Path(folder).name for folder in folders] == ["flange-0", "fabric-0"]
    assert run(["sample", str(tmp_path), "--product", "fabric", "--seed", "3"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'fabric-3'}\n"
