"""The forms of all models that can be trained, as their cards make them."""

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.protocol.files import ModelCard
from inspector_app.ui.panels.config_form import ConfigForm
from training.models import MODEL_CARDS


@pytest.fixture(params=MODEL_CARDS, ids=lambda card: card.kind)
def card(request: pytest.FixtureRequest) -> ModelCard:
    found: ModelCard = request.param
    return found


def test_that_every_setting_has_an_input(card: ModelCard, qtbot: QtBot) -> None:
    form = ConfigForm(card.config_schema)
    qtbot.addWidget(form)
    for name in card.config_schema["properties"]:
        assert form.field(name).widget.toolTip(), name


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
