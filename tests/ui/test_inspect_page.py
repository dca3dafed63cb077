"""The inspect page: results by score, a threshold that only decides, heatmaps on one scale."""

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector_app.domain import huge
from inspector_app.domain.decision import Verdict, count_verdicts
from inspector_app.domain.jobs import InspectionRecord, ResultRecord, RunRecord
from inspector_app.protocol.files import ThresholdCard
from inspector_app.services.heatmaps import HeatmapScale
from inspector_app.store import jobs
from inspector_app.store.project import Project
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.models.results_table import Column, ResultsModel
from inspector_app.ui.models.verdict_badge import VerdictBadge
from inspector_app.ui.pages.inspect import InspectPage
from inspector_app.ui.panels.heatmap_legend import share_of_scale
from inspector_app.ui.panels.inspection_setup import InspectionSetup
from inspector_app.ui.panels.score_format import decimals_for, score_range, telling_range
from inspector_app.ui.panels.score_scale import ScoreScale
from inspector_app.ui.panels.threshold import ThresholdPanel


@pytest.fixture
def page(
    program_services: ProgramServices,
    project_services: ProjectServices,
    inspection: InspectionRecord,
    qtbot: QtBot,
) -> InspectPage:
    """The page with an inspection whose scratched parts score 0.4 and 0.9; threshold 0.5."""
    page = InspectPage(program_services, project_services)
    qtbot.addWidget(page)
    page.resize(1280, 720)
    page.show()
    qtbot.waitExposed(page)
    return page


def result(score: float, *, name: str = "a.png", is_defective: bool | None = None) -> ResultRecord:
    return ResultRecord(f"/images/{name}", is_defective, "", score, "", 0.0, 0.0, "")


def column(page: InspectPage, which: Column) -> list[str]:
    model = page.model
    return [str(model.index(row, which).data()) for row in range(model.rowCount())]


# ---------------------------------------------------------------- results


def test_that_the_most_suspect_part_comes_first(page: InspectPage) -> None:
    assert column(page, Column.SCORE)[0].startswith("0.9")


def test_that_a_part_nobody_could_judge_leads(page: InspectPage) -> None:
    page.model.add_results([result(math.nan, name="broken.png")])
    assert page.model.result(0).image_path == "/images/broken.png"
    assert column(page, Column.VERDICT)[0] == "NG"


def test_that_the_type_a_part_is_taken_for_stands_beside_its_score(page: InspectPage) -> None:
    named = replace(result(0.8, name="named.png"), called="scratch", share_01=0.934)
    page.model.add_results([named])
    row = page.model.row_of("/images/named.png")
    assert row is not None and column(page, Column.CALLED)[row] == "scratch 93 %"
    page.view.set_result(named, None)
    assert page.view.badge.detail.endswith(" · scratch 93 %")


def test_that_models_without_types_have_no_column_for_them(page: InspectPage) -> None:
    assert page.table.isColumnHidden(Column.CALLED)


def test_that_the_selection_stays_with_its_part(page: InspectPage) -> None:
    chosen = page.model.result(2)
    page.table.setCurrentIndex(page.model.index(2, 0))
    page.model.add_results([result(5.0, name="new.png")])
    assert page.model.result(page.table.currentIndex().row()) == chosen


def test_that_d_and_a_step_through_the_parts(page: InspectPage, qtbot: QtBot) -> None:
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_D)
    qtbot.keyClick(page.table, Qt.Key.Key_D)
    qtbot.keyClick(page.table, Qt.Key.Key_A)
    assert page.table.currentIndex().row() == 1


def test_that_results_appear_as_they_are_scored(
    page: InspectPage, project_services: ProjectServices, inspection: InspectionRecord
) -> None:
    before = page.model.rowCount()
    new = [result(0.7, name="new.png")]
    project_services.inspection_jobs.results_added.emit(inspection.id, new)
    assert page.model.rowCount() == before + 1


def test_that_results_of_another_inspection_stay_away(
    page: InspectPage, project_services: ProjectServices
) -> None:
    before = page.model.rowCount()
    project_services.inspection_jobs.results_added.emit("other", [result(0.7)])
    assert page.model.rowCount() == before


@given(st.lists(st.floats(allow_nan=True, allow_infinity=False), max_size=30, unique=True))
def test_that_sorting_by_score_is_by_score(scores: list[float]) -> None:
    model = ResultsModel()
    model.set_results([result(score, name=f"{n}.png") for n, score in enumerate(scores)])
    shown = [math.inf if math.isnan(r.score) else r.score for r in model.rows]
    assert shown == sorted(shown, reverse=True)


# ---------------------------------------------------------------- threshold


def test_that_moving_the_threshold_decides_anew(page: InspectPage) -> None:
    assert column(page, Column.VERDICT).count("NG") == 1
    page.threshold_panel.histogram.threshold_dragged.emit(0.35)
    assert column(page, Column.VERDICT).count("NG") == 2


def test_that_escapes_and_overkills_are_counted(page: InspectPage) -> None:
    panel = page.threshold_panel
    assert (panel.escapes.text, panel.overkills.text) == ("1 of 2", "0 of 3")
    panel.histogram.threshold_dragged.emit(0.3)
    assert (panel.escapes.text, panel.overkills.text) == ("0 of 2", "1 of 3")


def test_that_a_part_at_the_threshold_is_ng(page: InspectPage) -> None:
    page.threshold_panel.histogram.threshold_dragged.emit(0.4)
    assert page.model.index(1, Column.VERDICT).data() == "NG"


def test_that_reset_goes_back_to_the_model_s_threshold(page: InspectPage) -> None:
    panel = page.threshold_panel
    panel.histogram.threshold_dragged.emit(0.35)
    panel.reset_button.click()
    assert panel.threshold == 0.5
    assert not panel.reset_button.isEnabled()


def test_that_a_moved_threshold_is_stored_when_it_rests(
    page: InspectPage, project: Project, qtbot: QtBot
) -> None:
    page.threshold_panel.histogram.threshold_dragged.emit(0.35)
    qtbot.waitUntil(lambda: jobs.inspections(project)[0].threshold == 0.35)


@pytest.fixture
def panel(qtbot: QtBot) -> ThresholdPanel:
    panel = ThresholdPanel()
    qtbot.addWidget(panel)
    return panel


def card(method: str) -> ThresholdCard:
    return ThresholdCard(
        value=0.5, method=method, good_count=9, overkill_asked=0.05, overkill_bound=0.1
    )


def test_that_showing_a_threshold_does_not_round_it(panel: ThresholdPanel) -> None:
    exact = math.nextafter(0.1 + 0.2, math.inf)
    panel.set_inspection(exact, exact, card("quantile"))
    panel.set_results([result(0.1), result(exact), result(7.0)])
    assert panel.threshold == exact
    assert panel.ng_count.text == "2"


def test_that_too_few_good_images_are_admitted(panel: ThresholdPanel) -> None:
    panel.set_inspection(0.5, 0.5, card("max_plus_margin"))
    assert "too few" in panel.explanation


def test_that_a_chosen_quantile_is_explained(panel: ThresholdPanel) -> None:
    panel.set_inspection(0.5, 0.5, card("quantile"))
    assert "9 good images" in panel.explanation


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("equal_odds", "equally likely"),
        ("best_boxes", "right most often"),
        ("all_defective", "every part is NG"),
    ],
)
def test_that_a_classifiers_threshold_is_explained(
    panel: ThresholdPanel, method: str, words: str
) -> None:
    panel.set_inspection(0.5, 0.5, card(method))
    assert words in panel.explanation


def test_that_unknown_parts_make_no_escapes(panel: ThresholdPanel) -> None:
    panel.set_inspection(0.5, 0.5, None)
    panel.set_results([result(0.1), result(0.9)])
    assert (panel.escapes.text, panel.overkills.text) == ("–", "–")


numbers = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(numbers, st.sampled_from([True, False, None])), min_size=1), numbers)
def test_that_the_panel_counts_as_the_decision_does(
    qapp: QApplication, parts: list[tuple[float, bool | None]], threshold: float
) -> None:
    panel = ThresholdPanel()
    panel.set_inspection(threshold, threshold, None)
    panel.set_results([result(score, is_defective=truth) for score, truth in parts])
    counts = count_verdicts([score for score, _ in parts], [t for _, t in parts], threshold)
    assert (panel.ok_count.text, panel.ng_count.text) == (str(counts.ok), str(counts.ng))


@given(st.lists(st.floats(-1e100, 1e100) | st.sampled_from([math.nan, math.inf]), max_size=20))
def test_that_a_range_of_scores_has_a_width(values: list[float]) -> None:
    low, high = score_range(values)
    assert low < high


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(-1e6, 1e6))
def test_that_the_threshold_is_in_the_range_that_tells(
    scores: list[float], threshold: float
) -> None:
    low, high = telling_range(scores, threshold)
    assert low < high
    assert low <= threshold <= high


def test_that_one_extreme_part_does_not_squeeze_the_others() -> None:
    _, high = telling_range([1.0] * 10 + [2.0] * 10 + [500.0], threshold=1.5)
    assert high < 10


@pytest.mark.parametrize(("span", "decimals"), [(1000.0, 0), (1.0, 3), (0.01, 5), (0.0, 3)])
def test_that_decimals_tell_neighbours_apart(span: float, decimals: int) -> None:
    assert decimals_for(span) == decimals


# ---------------------------------------------------------------- picture


def test_that_the_verdict_stands_on_the_image(page: InspectPage) -> None:
    assert page.view.badge.verdict is Verdict.NG
    page.step(2)
    assert page.view.badge.verdict is Verdict.OK


def test_that_the_heatmap_lies_over_the_image(page: InspectPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.view.picture is not None)
    picture = page.view.picture
    assert picture is not None
    assert picture.overlay.size() == page.view.canvas.image_size
    assert len(picture.contours) == 1


def test_that_the_contour_follows_the_threshold(page: InspectPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.view.picture is not None)
    page.threshold_panel.histogram.threshold_dragged.emit(0.85)
    qtbot.waitUntil(
        lambda: (
            page.view.picture is not None
            and page.view.picture.request.scale.threshold == pytest.approx(0.85)
        )
    )


def test_that_the_badge_covers_nothing_that_is_outlined(page: InspectPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.view.picture is not None)
    picture = page.view.picture
    assert picture is not None
    width, height = page.view.canvas.image_size.toTuple()
    left_half = np.array(
        [(-9 * width, 0), (width / 2, 0), (width / 2, height), (-9 * width, height)]
    )
    page.view.show_heatmap(replace(picture, contours=(left_half,)))
    assert page.view.badge.x() > page.view.canvas.width() / 2


def test_that_an_image_that_is_gone_says_so(
    page: InspectPage, image_folder: Path, qtbot: QtBot
) -> None:
    path = Path(page.model.result(3).image_path)
    path.unlink()
    page.step(3)
    qtbot.waitUntil(lambda: str(path) in page.view.canvas.placeholder)


def test_that_an_image_read_in_parts_is_shown(
    page: InspectPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(huge, "HUGE_PX", 1000)
    tifffile.imwrite(tmp_path / "line.tif", np.zeros((90, 70), np.uint8), photometric="minisblack")
    shown = replace(page.model.result(0), image_path=str(tmp_path / "line.tif"))
    page.view.set_result(shown, None)
    qtbot.waitUntil(lambda: page.view.canvas.image_size.toTuple() == (70, 90))
    page.step(1)
    qtbot.waitUntil(lambda: page.view.canvas.image_size.toTuple() != (70, 90))


def test_that_the_threshold_lies_in_the_middle_of_the_scale() -> None:
    assert share_of_scale(4.0, HeatmapScale(median=1.0, threshold=4.0)) == pytest.approx(0.5)


def test_that_a_badge_says_its_verdict_in_words(qtbot: QtBot) -> None:
    badge = VerdictBadge()
    qtbot.addWidget(badge)
    badge.set_verdict(Verdict.NG, "0.93")
    assert badge.accessibleName() == "NG"


# ---------------------------------------------------------------- start, export


def test_that_the_chosen_folder_is_inspected(
    qtbot: QtBot, trained_run: RunRecord, tmp_path: Path
) -> None:
    setup = InspectionSetup()
    qtbot.addWidget(setup)
    setup.set_runs([trained_run], [])
    setup.set_folder(tmp_path)
    with qtbot.waitSignal(setup.start_requested) as asked:
        setup.start_button.click()
    assert asked.args == [trained_run.id, tmp_path]


def test_that_nothing_starts_without_a_model(qtbot: QtBot) -> None:
    setup = InspectionSetup()
    qtbot.addWidget(setup)
    setup.set_runs([], [])
    assert not setup.start_button.isEnabled()


def test_that_the_csv_has_the_verdicts_on_the_screen(page: InspectPage, tmp_path: Path) -> None:
    page.threshold_panel.histogram.threshold_dragged.emit(0.35)
    page.export_csv(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        verdicts = [row["verdict"] for row in csv.DictReader(file)]
    assert [v.lower() for v in verdicts].count("ng") == 2


def test_that_a_csv_that_cannot_be_written_is_told(
    page: InspectPage, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "file").write_text("")
    with qtbot.waitSignal(page.message_posted):
        page.export_csv(tmp_path / "file" / "out.csv")


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1),
    st.floats(-1e6, 1e6),
    st.floats(0.0, 1.0),
)
def test_that_a_place_on_the_score_axis_is_found_again(
    scores: list[float], threshold: float, share: float
) -> None:
    scale = ScoreScale.of(scores, threshold)
    assert scale.low <= scale.score(share) <= scale.high
    assert scale.share(scale.score(share)) == pytest.approx(share, abs=1e-3)
    assert (scale.share(scale.low), scale.share(scale.high)) == (0.0, 1.0)


def test_that_scores_far_above_leave_room_for_the_threshold() -> None:
    scale = ScoreScale.of([2.0, 5.0, 8.0, 30.0, 1700.0], 9.0)
    assert 0.1 < scale.share(9.0) < 0.5
