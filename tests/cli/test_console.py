import json

import pytest

from inspector_app.cli.console import Console


def test_that_plain_progress_is_told_at_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with Console().progress("work") as progress:
        for done in range(101):
            progress(done, 100)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert lines[-1] == "work: 100 of 100"


def test_that_a_long_line_is_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    path = "/a/" + "very-long/" * 40
    Console().say(path)
    assert capsys.readouterr().out == f"{path}\n"


def test_that_square_brackets_in_a_path_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    Console().say("/photos/[red]/a.png")
    assert capsys.readouterr().out == "/photos/[red]/a.png\n"


def test_that_json_is_the_only_output(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(as_json=True)
    console.say("for people")
    with console.progress("work") as progress:
        progress(1, 1)
    console.result({"path": "/ä/" + "x" * 300})
    assert json.loads(capsys.readouterr().out) == {"path": "/ä/" + "x" * 300}


def test_that_a_machine_s_document_is_not_shown_to_people(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Console().result({"a": 1})
    assert capsys.readouterr().out == ""


def test_that_a_thousand_remarks_are_cut_short(capsys: pytest.CaptureFixture[str]) -> None:
    Console().remark([f"file {n}" for n in range(1000)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 11
    assert "990 more" in lines[-1]
