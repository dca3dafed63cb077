"""Where an export's images are: referenced, copied or hard-linked."""

import errno
import inspect
import os
from dataclasses import replace
from pathlib import Path

import pytest
from labelled_images import CLASSES, HEIGHT, WIDTH, drawn, files_in, labelled, region
from PIL import Image

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.tiff_pages import page_path
from inspector_app.formats.base import ImagePlacement, LabelledImage
from inspector_app.formats.placement import PLACEMENTS, ImagePlacer
from inspector_app.formats.reading import image_size
from inspector_app.formats.registry import EXPORTERS

COPY, HARD_LINK = ImagePlacement.COPY, ImagePlacement.HARD_LINK
CARRIED_BY = {
    "coco": "images/a b/ü.jpg",
    "cvat": "images/a b/ü.jpg",
    "labelme": "a b/ü.jpg",
    "masks": "images/a b__ü.jpg",
    "mvtec": "test/scratch/ü.jpg",
    "voc": "JPEGImages/a b__ü.jpg",
    "yolo-detect": "images/train/a b__ü.jpg",
    "yolo-segment": "images/train/a b__ü.jpg",
}
REFUSING = [name for name in EXPORTERS if ImagePlacement.REFERENCE not in PLACEMENTS[name]]
SIDEWAYS = 6
"""EXIF's number for a photo that has to be turned to the right."""


@pytest.fixture
def photo(tmp_path: Path) -> LabelledImage:
    """A labelled JPEG photo that its camera marked as taken sideways."""
    image = labelled(tmp_path / "source", "a b/ü.jpg", region(drawn("##")))
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    Image.new("L", (HEIGHT, WIDTH), 90).save(image.image_path, exif=exif)
    return image


def export(
    name: str, image: LabelledImage, folder: Path, placement: ImagePlacement
) -> tuple[str, ...]:
    return EXPORTERS[name]([image], CLASSES, folder, placement=placement).remarks


def test_that_every_format_says_where_its_images_may_be() -> None:
    usual = {
        name: inspect.signature(exporter).parameters["placement"].default
        for name, exporter in EXPORTERS.items()
    }
    assert usual == {name: placements[0] for name, placements in PLACEMENTS.items()}


@pytest.mark.parametrize("name", EXPORTERS)
def test_that_a_copy_is_another_file_of_the_same_bytes(
    tmp_path: Path, photo: LabelledImage, name: str
) -> None:
    export(name, photo, tmp_path / "out", COPY)
    found = tmp_path / "out" / CARRIED_BY[name]
    assert found.read_bytes() == photo.image_path.read_bytes()
    assert not found.samefile(photo.image_path)


@pytest.mark.parametrize("name", EXPORTERS)
def test_that_a_hard_link_is_the_source_itself(
    tmp_path: Path, photo: LabelledImage, name: str
) -> None:
    remarks = export(name, photo, tmp_path / "out", HARD_LINK)
    assert (tmp_path / "out" / CARRIED_BY[name]).samefile(photo.image_path)
    assert not any("copied" in remark for remark in remarks)


@pytest.mark.parametrize("name", [name for name in EXPORTERS if name not in REFUSING])
def test_that_referenced_images_are_not_in_the_export(
    tmp_path: Path, photo: LabelledImage, name: str
) -> None:
    export(name, photo, tmp_path / "out", ImagePlacement.REFERENCE)
    assert not any(path.endswith(".jpg") for path in files_in(tmp_path / "out"))


@pytest.mark.parametrize("name", REFUSING)
def test_that_formats_without_paths_refuse_to_reference(
    tmp_path: Path, photo: LabelledImage, name: str
) -> None:
    with pytest.raises(BadDataError, match="must lie in the export's folder"):
        export(name, photo, tmp_path / "out", ImagePlacement.REFERENCE)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("placement", [COPY, HARD_LINK])
@pytest.mark.parametrize("name", EXPORTERS)
def test_that_a_photo_taken_sideways_still_fits_its_labels(
    tmp_path: Path, photo: LabelledImage, name: str, placement: ImagePlacement
) -> None:
    export(name, photo, tmp_path / "out", placement)
    assert image_size(tmp_path / "out" / CARRIED_BY[name]) == (photo.width, photo.height)


@pytest.mark.parametrize("name", EXPORTERS)
def test_that_the_labels_are_the_same_however_the_images_are_placed(
    tmp_path: Path, photo: LabelledImage, name: str
) -> None:
    found = []
    for placement in PLACEMENTS[name]:
        export(name, photo, tmp_path / placement, placement)
        files = files_in(tmp_path / placement)
        found.append({path: data for path, data in files.items() if not path.endswith(".jpg")})
    assert all(files == found[0] for files in found)


@pytest.mark.parametrize("name", EXPORTERS)
def test_that_a_failed_export_of_links_leaves_the_sources(
    tmp_path: Path, photo: LabelledImage, name: str
) -> None:
    gone = replace(photo, image_path=tmp_path / "gone.jpg", relative_path="gone.jpg")
    before = files_in(tmp_path)
    with pytest.raises(BadDataError, match=r"gone\.jpg: cannot be read"):
        EXPORTERS[name]([photo, gone], CLASSES, tmp_path / "out", placement=HARD_LINK)
    assert files_in(tmp_path) == before


# ---------------------------------------------------------------- one file


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
def test_that_an_image_that_cannot_be_linked_is_copied_with_a_remark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(_source: Path, _target: Path) -> None:
        raise OSError(code, os.strerror(code))

    (tmp_path / "a.png").write_bytes(b"one")
    monkeypatch.setattr(os, "link", refuse)
    placer = ImagePlacer(HARD_LINK)
    placer.place(tmp_path / "a.png", tmp_path / "b.png")
    assert (tmp_path / "b.png").read_bytes() == b"one"
    assert placer.remarks()[0].endswith("or its file system has no links: 1")


def test_that_a_link_to_a_symbolic_link_is_a_link_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"one")
    (tmp_path / "alias.png").symlink_to("a.png")
    ImagePlacer(HARD_LINK).place(tmp_path / "alias.png", tmp_path / "deep" / "b.png")
    assert not (tmp_path / "deep" / "b.png").is_symlink()
    assert (tmp_path / "deep" / "b.png").samefile(tmp_path / "a.png")


@pytest.mark.parametrize("placement", [COPY, HARD_LINK])
def test_that_no_file_is_replaced(tmp_path: Path, placement: ImagePlacement) -> None:
    (tmp_path / "a.png").write_bytes(b"one")
    (tmp_path / "b.png").write_bytes(b"another")
    with pytest.raises(FileExistsError):
        ImagePlacer(placement).place(tmp_path / "a.png", tmp_path / "b.png")


def test_that_a_jpeg_that_others_would_repair_in_place_is_copied(
    tmp_path: Path, photo: LabelledImage
) -> None:
    photo.image_path.write_bytes(photo.image_path.read_bytes() + b"\0")
    placer = ImagePlacer(HARD_LINK)
    placer.place(photo.image_path, tmp_path / "b.jpg")
    assert not (tmp_path / "b.jpg").samefile(photo.image_path)
    assert "without an end mark would write into the source: 1" in placer.remarks()[0]


@pytest.fixture
def second_page(tmp_path: Path) -> LabelledImage:
    """A label of the second page of a file."""
    image = labelled(tmp_path / "source", "stack.tif", region(drawn("##")))
    first, second = (Image.new("L", (WIDTH, HEIGHT), grey) for grey in (50, 90))
    first.save(image.image_path, save_all=True, append_images=[second])
    return replace(image, image_path=page_path(image.image_path, 2))


@pytest.mark.parametrize("placement", [COPY, HARD_LINK])
def test_that_what_is_carried_begins_with_the_labelled_page(
    tmp_path: Path, second_page: LabelledImage, placement: ImagePlacement
) -> None:
    export("coco", second_page, tmp_path / "out", placement)
    with Image.open(tmp_path / "out" / "images" / "stack.tif") as carried:
        assert carried.getpixel((0, 0)) == 90


def test_that_a_page_that_was_copied_instead_of_linked_is_told(
    tmp_path: Path, second_page: LabelledImage
) -> None:
    remarks = export("coco", second_page, tmp_path / "out", HARD_LINK)
    assert any("a link leads to a file's first page" in remark for remark in remarks)


def test_that_a_page_is_described_like_a_file_of_its_own(
    tmp_path: Path, second_page: LabelledImage
) -> None:
    export("voc", second_page, tmp_path / "out", COPY)
    (label,) = (tmp_path / "out").rglob("*.xml")
    assert "<depth>1</depth>" in label.read_text()
