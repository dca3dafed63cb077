import csv
import math
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import ResultRecord
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import BundleCard, ThresholdCard
from inspector_app.services.report.content import ReportContent, short_names
from inspector_app.services.report.overlay import blend
from inspector_app.services.report.page import score_axis, threshold_sentence
from inspector_app.services.report.write import overlay_names, refuse_filled_folder, write_report

THRESHOLD = ThresholdCard(
    value=0.5, method="quantile", good_count=40, overkill_asked=0.05, overkill_bound=0.05
)
CARD = BundleCard(
    kind="autoencoder",
    task="anomaly",
    title="Autoencoder (baseline)",
    config={"epochs": 3},
    input_size_px=64,
    threshold=THRESHOLD,
    good_scores=(0.1, 0.2),
    pixel_threshold=0.4,
    pixel_median=0.1,
    weights_sha256="a" * 64,
    dataset_sha256="b" * 64,
    code_version="0.1.0",
    trained_at="2026-01-01T00:00:00+00:00",
    epochs=3,
    best_epoch=2,
)


class Links(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.targets += [value for name, value in attrs if name in ("src", "href") and value]


def result(path: Path, score: float, *, is_defective: bool | None = None) -> ResultRecord:
    return ResultRecord(str(path), is_defective, "", score, "", 0.0, 0.01, "")


@pytest.fixture
def content(tmp_path: Path) -> ReportContent:
    """A defect with a heatmap, a good part that is called NG, and a file that is no image."""
    (tmp_path / "job/heatmaps").mkdir(parents=True)
    (tmp_path / "photos").mkdir()
    image = np.full((60, 90, 3), 128, np.uint8)
    heatmap = np.zeros((16, 16), np.uint16)
    heatmap[4:8, 4:8] = 65535
    cv2.imwrite(str(tmp_path / "photos/bad.png"), image)
    cv2.imwrite(str(tmp_path / "photos/good.png"), image)
    cv2.imwrite(str(tmp_path / "job/heatmaps/bad.png"), heatmap)
    bad = ResultRecord(
        str(tmp_path / "photos/bad.png"), True, "dent", 0.9, "heatmaps/bad.png", 1.0, 0.02, ""
    )
    good = result(tmp_path / "photos/good.png", 0.6, is_defective=False)
    bad = replace(bad, called="<dent>", share_01=0.9375)
    broken = ResultRecord(
        str(tmp_path / "photos/<b>.png"), None, "", math.nan, "", 0.0, 0.0, "ends <too> early"
    )
    return ReportContent(
        source="photos & more",
        results=(good, bad, broken),
        threshold=0.5,
        card=CARD,
        inspection_folder=tmp_path / "job",
        metrics={"image_auroc": 0.75},
        created_at="2026-01-02T00:00:00+00:00",
    )


def test_that_a_report_has_table_heatmaps_overlays_and_page(
    tmp_path: Path, content: ReportContent
) -> None:
    write_report(tmp_path / "out", content)
    files = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*")}
    assert files == {"results.csv", "index.html", "heatmaps/bad.png", "overlays/1_bad.jpg"}


def test_that_the_table_leads_with_what_could_not_be_judged_then_by_score(
    tmp_path: Path, content: ReportContent
) -> None:
    write_report(tmp_path / "out", content)
    text = (tmp_path / "out/results.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [Path(row["file"]).name for row in rows] == ["<b>.png", "bad.png", "good.png"]
    assert {row["verdict"] for row in rows} == {"ng"}


def test_that_everything_the_page_refers_to_is_in_the_report(
    tmp_path: Path, content: ReportContent
) -> None:
    write_report(tmp_path / "out", content)
    links = Links()
    links.feed((tmp_path / "out/index.html").read_text(encoding="utf-8"))
    assert set(links.targets) == {"overlays/1_bad.jpg", "results.csv"}
    assert all((tmp_path / "out" / target).is_file() for target in links.targets)


def test_that_the_page_tells_what_a_part_is_taken_for(
    tmp_path: Path, content: ReportContent
) -> None:
    write_report(tmp_path / "out", content)
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert page.count("taken for") == 1
    assert "taken for &lt;dent&gt; 93.8%" in page


def test_that_names_and_messages_cannot_become_markup(
    tmp_path: Path, content: ReportContent
) -> None:
    write_report(tmp_path / "out", content)
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert "<b>.png" not in page
    assert "ends <too> early" not in page
    assert "photos &amp; more" in page


def test_that_an_overlay_shows_the_defect_and_leaves_the_rest(
    tmp_path: Path, content: ReportContent
) -> None:
    write_report(tmp_path / "out", content)
    overlay = cv2.imread(str(tmp_path / "out/overlays/1_bad.jpg"))
    assert overlay.shape == (60, 90, 3)
    assert np.abs(overlay[50, 80].astype(int) - 128).max() <= 3
    assert np.abs(overlay[20, 30].astype(int) - 128).max() > 40


def test_that_a_missing_heatmap_becomes_a_remark_and_stops_nothing(
    tmp_path: Path, content: ReportContent
) -> None:
    (tmp_path / "job/heatmaps/bad.png").write_bytes(b"no image")
    remarks = write_report(tmp_path / "out", content)
    assert len(remarks) == 1
    assert (tmp_path / "out/index.html").is_file()


def test_that_a_filled_folder_is_refused_and_left_alone(
    tmp_path: Path, content: ReportContent
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    with pytest.raises(BadDataError, match="not empty"):
        write_report(tmp_path / "out", content)
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_that_a_file_in_the_folder_s_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(BadDataError, match="is a file"):
        refuse_filled_folder(tmp_path / "out")


def test_that_overlays_of_equal_names_in_two_folders_stay_apart() -> None:
    ranked = [result(Path("/p/a/1.png"), 2.0), result(Path("/p/b/1.png"), 1.0)]
    assert list(overlay_names(ranked).values()) == ["1_a-1.jpg", "2_b-1.jpg"]


def test_that_short_names_drop_what_all_paths_share() -> None:
    names = short_names(["/x/y/test/good/1.png", "/x/y/test/dent/1.png"])
    assert list(names.values()) == ["good/1.png", "dent/1.png"]


def test_that_a_threshold_moved_by_hand_is_said_to_be(content: ReportContent) -> None:
    moved = ReportContent(
        content.source, content.results, 0.7, CARD, content.inspection_folder, {}, ""
    )
    assert threshold_sentence(moved).startswith("Set by hand; the model came with 0.5.")
    assert "at most 5.0% of good parts" in threshold_sentence(content)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("equal_odds", "equally likely"),
        ("best_boxes", "right most often"),
        ("all_defective", "every part is NG"),
    ],
)
def test_that_a_classifiers_threshold_is_explained(
    content: ReportContent, method: str, words: str
) -> None:
    threshold = THRESHOLD.model_copy(update={"method": method})
    explained = replace(content, card=CARD.model_copy(update={"threshold": threshold}))
    assert words in threshold_sentence(explained)


def test_that_the_score_axis_spans_scores_and_threshold(content: ReportContent) -> None:
    axis = score_axis(content, short_names([r.image_path for r in content.results]))
    assert axis is not None
    assert axis.rows == ("defective", "good")
    assert (axis.threshold_x, max(dot.x for dot in axis.dots)) == (0.0, 100.0)


def test_that_blending_nothing_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 255, (5, 7, 3)).astype(np.uint8)
    np.testing.assert_array_equal(blend(image, np.zeros((5, 7, 4), np.uint8)), image)
