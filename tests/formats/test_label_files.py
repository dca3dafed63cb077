"""What formats with a label file for each image share."""

import pytest
from labelled_images import sizes_of

from inspector_app.formats.label_files import known_image


def test_that_the_first_known_name_is_taken() -> None:
    found = known_image(("", "b.png", "a.png", "c.png"), None, sizes_of("a.png", "c.png"))
    assert found == ("a.png", (12, 9))


def test_that_without_a_stated_size_the_project_s_counts() -> None:
    assert known_image(["a.png"], (0, 9), sizes_of("a.png")) == ("a.png", (12, 9))


@pytest.mark.parametrize(
    ("names", "stated", "why"),
    [
        ((), None, "project is ''"),
        (("", "x.png", "y.png"), None, "project is 'x.png'"),
        (("a.png",), (12, 10), "12×10 px here but 12×9 px"),
    ],
)
def test_that_an_image_that_does_not_fit_is_refused(
    names: tuple[str, ...], stated: tuple[int, int] | None, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        known_image(names, stated, sizes_of("a.png"))
