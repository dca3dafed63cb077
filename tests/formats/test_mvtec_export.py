"""MVTec AD's folders, as exported."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_images import CLASSES, RING, drawn, files_in, labelled, region
from strategies import regions

from inspector_app.domain import picture
from inspector_app.domain.annotation import ImageVerdict, Region
from inspector_app.domain.dataset import Split, list_folder
from inspector_app.domain.errors import BugError
from inspector_app.domain.geometry import Box
from inspector_app.formats.base import ExportReport, LabelledImage
from inspector_app.formats.mvtec import export_mvtec

CUT = region(drawn("##"))
DENT = region(drawn("", "#"), class_id=2)


def export(folder: Path, *images: LabelledImage) -> ExportReport:
    return export_mvtec(images, CLASSES, folder / "out")


def place_of(folder: Path, image: LabelledImage) -> str:
    """Return the only image file of an export, without masks."""
    export(folder, image)
    names = files_in(folder / "out")
    return next(name for name in names if not name.startswith("ground_truth/"))


@settings(max_examples=30)
@given(st.lists(regions("r"), min_size=1, max_size=5))
def test_that_a_mask_has_the_pixels_of_all_regions(some: list[Region]) -> None:
    with tempfile.TemporaryDirectory() as name:
        image = labelled(Path(name) / "in", "a.png", *some, defect_type="cut", split=Split.TEST)
        export(Path(name), image)
        path = Path(name) / "out/ground_truth/cut/a_mask.png"
        written = picture.decode_mask(path.read_bytes(), name="a")
    expected = np.zeros_like(written)
    for one in some:
        box = one.box
        rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
        expected[rows, columns] |= one.mask.crop(box) if one.mask else True
    np.testing.assert_array_equal(written, expected)


def test_that_the_layout_is_recognised_without_a_remark(tmp_path: Path) -> None:
    export(
        tmp_path,
        labelled(tmp_path / "in", "0.png", split=Split.TRAIN, defect_type="good"),
        labelled(tmp_path / "in", "1.png", split=Split.TEST, defect_type="good"),
        labelled(tmp_path / "in", "2.png", CUT, split=Split.TEST, defect_type="cut"),
    )
    listing = list_folder(list(files_in(tmp_path / "out")))
    assert listing.is_mvtec
    assert listing.remarks == ()
    assert [(entry.split, entry.defect_type) for entry in listing.entries] == [
        (Split.TEST, "cut"),
        (Split.TEST, "good"),
        (Split.TRAIN, "good"),
    ]


def test_that_images_are_copied_byte_for_byte(tmp_path: Path) -> None:
    image = labelled(tmp_path / "in", "test/ä b/0.jpg", CUT, split=Split.TEST, defect_type="ä b")
    export(tmp_path, image)
    copied = tmp_path / "out/test/ä b/0.jpg"
    assert copied.read_bytes() == image.image_path.read_bytes()
    assert (tmp_path / "out/ground_truth/ä b/0_mask.png").is_file()


@pytest.mark.parametrize(
    ("found", "split", "defect_type", "verdict", "place"),
    [
        ((), Split.TRAIN, "good", None, "train/good/a.png"),
        ((), Split.VALIDATION, "good", None, "train/good/a.png"),
        ((), Split.TEST, "good", None, "test/good/a.png"),
        ((), Split.NONE, "", ImageVerdict.OK, "train/good/a.png"),
        ((), Split.NONE, "", ImageVerdict.NG, "test/defect/a.png"),
        ((), Split.NONE, "", None, "train/good/a.png"),
        ((CUT,), Split.NONE, "", None, "test/scratch/a.png"),
        ((CUT, DENT), Split.NONE, "", None, "test/combined/a.png"),
        ((CUT,), Split.TEST, "broken", None, "test/broken/a.png"),
        ((CUT,), Split.TRAIN, "good", None, "test/scratch/a.png"),
        ((CUT,), Split.TRAIN, "good", ImageVerdict.OK, "train/good/a.png"),
    ],
)
def test_that_an_image_lies_where_what_is_known_of_it_says(
    tmp_path: Path,
    found: tuple[Region, ...],
    split: Split,
    defect_type: str,
    verdict: ImageVerdict | None,
    place: str,
) -> None:
    image = labelled(
        tmp_path / "in", "a.png", *found, split=split, defect_type=defect_type, verdict=verdict
    )
    assert place_of(tmp_path, image) == place


def test_that_a_type_that_is_no_folder_name_becomes_one(tmp_path: Path) -> None:
    image = labelled(tmp_path / "in", "a.png", CUT, defect_type="../up")
    assert place_of(tmp_path, image) == "test/_up/a.png"


def test_that_names_that_collide_show_their_folders(tmp_path: Path) -> None:
    names = ("line 1/a.png", "line 2/a.png")
    export(tmp_path, *(labelled(tmp_path / "in", n, verdict=ImageVerdict.OK) for n in names))
    assert list(files_in(tmp_path / "out")) == [
        "train/good/line 1__a.png",
        "train/good/line 2__a.png",
    ]


def test_that_unjudged_images_are_left_out_where_there_are_defects(tmp_path: Path) -> None:
    report = export(
        tmp_path, labelled(tmp_path / "in", "a.png", CUT), labelled(tmp_path / "in", "b.png")
    )
    assert report.image_count == 1
    assert "images nobody has judged, left out: 1" in report.remarks


@pytest.mark.parametrize(
    ("image", "remark"),
    [
        ({}, "images nobody has judged, written as good: 1"),
        (
            {"split": Split.VALIDATION, "defect_type": "good"},
            "validation images, put into train/good: 1",
        ),
        (
            {"split": Split.TRAIN, "defect_type": "cut"},
            "defective images of other splits, put into test: 1",
        ),
        ({"split": Split.TEST, "defect_type": "good"}, "train/good is empty"),
        ({"verdict": ImageVerdict.NG}, "a.png: no region says where; its mask is empty"),
    ],
)
def test_that_what_the_layout_cannot_hold_is_said(
    tmp_path: Path, image: dict[str, object], remark: str
) -> None:
    report = export(tmp_path, labelled(tmp_path / "in", "a.png", **image))  # type: ignore[arg-type]
    assert any(found.startswith(remark) for found in report.remarks)


def test_that_regions_of_an_image_judged_good_are_said_to_be_left_out(tmp_path: Path) -> None:
    image = labelled(tmp_path / "in", "a.png", CUT, verdict=ImageVerdict.OK)
    report = export(tmp_path, image)
    assert report.remarks == ("a.png: judged good, so its regions are left out",)
    assert report.region_count == 0


def test_that_a_bare_box_is_named(tmp_path: Path) -> None:
    report = export(tmp_path, labelled(tmp_path / "in", "a.png", region(Box(0, 0, 2, 2))))
    assert "a.png: region 1 has only a box; it is written as a rectangle" in report.remarks


def test_that_a_mask_that_reads_back_differently_is_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def misread(_data: bytes, *, name: str) -> np.ndarray:
        return np.zeros((9, 12), bool)

    monkeypatch.setattr(picture, "decode_mask", misread)
    with pytest.raises(BugError, match=r"a_mask\.png"):
        export(tmp_path, labelled(tmp_path / "in", "a.png", region(drawn(*RING))))
    assert not (tmp_path / "out").exists()
