"""Samples of varied training images: asked for, renewed with every change, or a line instead."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from inspector_app.protocol.files import ModelCard
from inspector_app.services.variation_samples import SAMPLES, VariedSample
from inspector_app.ui.pages.variation_preview import VariationPreview
from inspector_app.ui.panels.training_setup import TrainingSetup
from inspector_app.ui.panels.variation_strip import VariationStrip
from inspector_app.ui.training_data import TrainingData


class Samples(QObject):
    """Remembers what was asked for."""

    shown = Signal(object)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, dict[str, Any], str, int]] = []
        self.is_cancelled = False

    def show(self, model_kind: str, config: dict[str, Any], *, task: str, seed: int) -> None:
        self.asked.append((model_kind, config, task, seed))

    def cancel(self) -> None:
        self.is_cancelled = True


def card(kind: str, *, has_samples: bool = True) -> ModelCard:
    size = {"type": "integer", "default": 128, "minimum": 32, "multipleOf": 32, "title": "Size"}
    flips = {"type": "boolean", "default": True, "title": "Flips"}
    return ModelCard(
        kind=kind,
        title=kind,
        task="classification",
        summary="",
        needs="",
        has_samples=has_samples,
        config_schema={"properties": {"flips": flips, "size": size}},
    )


@pytest.fixture
def setup(qtbot: QtBot) -> TrainingSetup:
    setup = TrainingSetup()
    qtbot.addWidget(setup)
    cards = [card("classifier"), card("unet"), card("plain", has_samples=False)]
    setup.set_cards(cards, is_starting=False)
    setup.set_data({"classification": TrainingData("enough")})
    return setup


@pytest.fixture
def strip(qtbot: QtBot) -> VariationStrip:
    strip = VariationStrip()
    qtbot.addWidget(strip)
    strip.resize(1000, 150)
    return strip


@pytest.fixture
def samples(setup: TrainingSetup, strip: VariationStrip) -> Samples:
    samples = Samples()
    VariationPreview(setup, strip, samples, setup)  # type: ignore[arg-type]
    return samples


def sample(name: str, *, is_marked: bool = False) -> VariedSample:
    outline = ((4.0, 4.0), (28.0, 4.0), (28.0, 28.0), (4.0, 28.0))
    picture = np.full((32, 32, 3), 128, np.uint8)
    return VariedSample(Path(name), picture, (outline,) if is_marked else ())


def test_that_samples_are_asked_for_with_the_settings(
    setup: TrainingSetup, strip: VariationStrip, samples: Samples
) -> None:
    assert setup.form is not None
    setup.form.field("flips").set_value(False)
    setup.samples_button.click()
    assert samples.asked == [("classifier", {"flips": False}, "classification", 0)]
    assert not strip.isHidden()
    assert strip.is_waiting


def test_that_a_change_renews_the_same_samples(
    setup: TrainingSetup, samples: Samples, qtbot: QtBot
) -> None:
    setup.samples_button.click()
    assert setup.form is not None
    setup.form.field("flips").set_value(False)
    setup.form.field("size").set_value(64)
    qtbot.waitUntil(lambda: len(samples.asked) == 2)
    assert samples.asked[1] == ("classifier", {"flips": False, "size": 64}, "classification", 0)


def test_that_nothing_is_asked_for_before_the_operator_does(
    setup: TrainingSetup, strip: VariationStrip, samples: Samples
) -> None:
    assert setup.form is not None
    setup.form.field("flips").set_value(False)
    assert not setup.findChildren(VariationPreview)[0]._pause.isActive()
    assert strip.isHidden()


def test_that_others_are_drawn_on_a_click(
    setup: TrainingSetup, strip: VariationStrip, samples: Samples
) -> None:
    setup.samples_button.click()
    strip.renew_button.click()
    assert [seed for *_, seed in samples.asked] == [0, 1]


def test_that_another_model_shows_its_own_samples(
    setup: TrainingSetup, samples: Samples, qtbot: QtBot
) -> None:
    setup.samples_button.click()
    setup.model.setCurrentIndex(1)
    qtbot.waitUntil(lambda: len(samples.asked) == 2)
    assert samples.asked[1][0] == "unet"


def test_that_a_model_without_samples_closes_them(
    setup: TrainingSetup, strip: VariationStrip, samples: Samples, qtbot: QtBot
) -> None:
    setup.samples_button.click()
    setup.model.setCurrentIndex(2)
    qtbot.waitUntil(strip.isHidden)
    assert setup.samples_button.isHidden()
    assert samples.is_cancelled


def test_that_what_is_typed_is_left_alone_until_it_is_finished(setup: TrainingSetup) -> None:
    assert setup.form is not None
    box = setup.form.field("size").widget
    assert isinstance(box, QSpinBox)
    box.setValue(100)
    assert setup.settings == {"size": 96}
    assert box.value() == 100


def test_that_samples_are_shown_by_name(strip: VariationStrip, samples: Samples) -> None:
    strip.set_waiting()
    samples.shown.emit((sample("a.png"), sample("b.png", is_marked=True)))
    assert strip.captions == ["a.png", "b.png"]
    assert not strip.is_waiting


def test_that_what_is_marked_is_outlined(strip: VariationStrip, qtbot: QtBot) -> None:
    strip.set_waiting()
    strip.set_samples([sample("a.png"), sample("b.png", is_marked=True)])
    qtbot.waitExposed(strip)
    plain, outlined = (picture.grab().toImage() for picture in strip._row.pictures)
    edge = round(4 / 32 * plain.width())
    assert plain.pixelColor(edge, plain.height() // 2).saturation() == 0
    assert outlined.pixelColor(edge, outlined.height() // 2).saturation() > 40


def test_that_all_pictures_fit_into_the_width(strip: VariationStrip, qtbot: QtBot) -> None:
    strip.set_waiting()
    strip.set_samples([sample(f"{n}.png") for n in range(SAMPLES)])
    strip.resize(600, 150)
    qtbot.waitUntil(lambda: strip._row.width() < 600)
    last = strip._row.pictures[-1].geometry()
    assert last.right() <= strip._row.width()
    assert last.width() == last.height()


def test_that_a_fault_is_a_line_in_place_of_the_pictures(
    strip: VariationStrip, samples: Samples
) -> None:
    strip.set_waiting()
    strip.set_samples([sample("a.png")])
    samples.failed.emit("no image to learn from — add some")
    assert strip.captions == []
    assert strip.text == "no image to learn from — add some"
    samples.shown.emit((sample("a.png"),))
    assert strip.text == ""
