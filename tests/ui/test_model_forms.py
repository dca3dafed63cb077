"""The forms of all models that can be trained, as their cards make them."""

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.protocol.files import ModelCard
from inspector_app.ui.panels.config_fields import ExamplesField
from inspector_app.ui.panels.config_form import ConfigForm
from inspector_app.ui.panels.training_setup import TrainingSetup
from training.models import MODEL_CARDS


@pytest.fixture(params=MODEL_CARDS, ids=lambda card: card.kind)
def card(request: pytest.FixtureRequest) -> ModelCard:
    found: ModelCard = request.param
    return found


def test_that_every_setting_has_an_input(card: ModelCard, qtbot: QtBot) -> None:
    form = ConfigForm(card.config_schema)
    qtbot.addWidget(form)
    for name, setting in card.config_schema["properties"].items():
        # What is hidden has its own place in the window.
        assert setting.get("x-hidden") or form.field(name).widget.toolTip(), name


def test_that_a_form_that_nobody_touched_asks_for_the_defaults(
    card: ModelCard, qtbot: QtBot
) -> None:
    form = ConfigForm(card.config_schema)
    qtbot.addWidget(form)
    assert form.values() == {}


def test_that_what_a_form_says_is_what_a_model_takes(qtbot: QtBot) -> None:
    [card] = [card for card in MODEL_CARDS if card.kind == "classifier"]
    form = ConfigForm(card.config_schema)
    qtbot.addWidget(form)
    chosen = {
        "network": "resnet50",
        "trained_part": "last_stage",
        "learning_rate": 1e-5,
        "image_size_px": 1024,
        "flips": False,
        "imbalance": "logit_adjustment",
        "beta": 0.9999,
        "weights_file": "mine.safetensors",
    }
    form.set_values(chosen)
    assert form.values() == chosen


def test_that_own_weights_are_offered_and_what_was_set_stays_set(qtbot: QtBot) -> None:
    setup = TrainingSetup()
    qtbot.addWidget(setup)
    card = next(card for card in MODEL_CARDS if card.kind == "classifier")
    setup.set_cards([card], is_starting=False)
    assert setup.form is not None
    setup.form.field("epochs").set_value(3)
    setup.set_own_weights(["mine.safetensors"])
    field = setup.form.field("weights_file")
    assert isinstance(field, ExamplesField)
    assert [field.widget.itemText(i) for i in range(field.widget.count())] == [
        "", "mine.safetensors",
    ]  # fmt: skip
    field.set_value("another.pth")
    assert setup.form.values() == {"epochs": 3, "weights_file": "another.pth"}


def test_that_a_model_without_a_weights_file_is_left_as_it_is(qtbot: QtBot) -> None:
    setup = TrainingSetup()
    qtbot.addWidget(setup)
    card = next(card for card in MODEL_CARDS if card.kind == "autoencoder")
    setup.set_cards([card], is_starting=False)
    setup.set_own_weights(["mine.safetensors"])
    assert setup.form is not None
    assert setup.form.values() == {}
