"""What a study says, as a page for people."""

from pathlib import Path

import pytest

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.study import StudyOutcome, StudyPlan, TrialResult, Variant, outcome_of
from inspector_app.services.study_export import write_study

COMMON = {"epochs": 5}
PLAN = StudyPlan(
    "Losses",
    "Which loss marks <best>?",
    (
        Variant("focal", "unet", {**COMMON, "loss": "focal"}),
        Variant("as usual & plain", "unet", COMMON),
    ),
    ({"seed": 0}, {"seed": 1}),
)


def outcome(*dice: float) -> StudyOutcome:
    return outcome_of(PLAN, [TrialResult(n, {"dice": value}) for n, value in enumerate(dice)])


def page_of(tmp_path: Path, outcome: StudyOutcome) -> str:
    target = tmp_path / "study.html"
    write_study(target, outcome, project_name="bottle")
    return target.read_text(encoding="utf-8")


def test_that_a_page_says_what_may_be_concluded(tmp_path: Path) -> None:
    assert "dice: no significant difference" in page_of(tmp_path, outcome(0.80, 0.60, 0.70, 0.72))


def test_that_a_clear_difference_is_told_and_its_best_stands_out(tmp_path: Path) -> None:
    page = page_of(tmp_path, outcome(0.90, 0.10, 0.91, 0.11))
    assert "dice: focal is better than as usual &amp; plain" in page
    assert "<strong>0.905 (0.84–0.97)</strong>" in page


def test_that_without_repeats_nothing_is_concluded(tmp_path: Path) -> None:
    page = page_of(tmp_path, outcome(0.90, 0.10))
    assert "Nothing yet" in page
    assert "<td>1 of 2</td>" in page


def test_that_settings_that_differ_are_told_apart_from_those_of_all(tmp_path: Path) -> None:
    page = page_of(tmp_path, outcome(0.9))
    assert "<tr><td>loss</td><td>focal</td><td>as usual</td></tr>" in page
    assert "The same for all: epochs = 5" in page


def test_that_a_page_needs_no_other_file_and_runs_nothing(tmp_path: Path) -> None:
    page = page_of(tmp_path, outcome(0.9))
    assert "Which loss marks &lt;best&gt;?" in page
    assert not any(mark in page for mark in ("<script", "src=", "href=", "url("))


def test_that_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=r"study\.pdf"):
        write_study(tmp_path / "study.pdf", outcome(0.9), project_name="bottle")
