"""What the train page shows of a model that redraws."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from inspector_app.protocol.files import RedrawnImage
from inspector_app.services.redrawn import Redrawn, RedrawnPictures
from inspector_app.ui.panels.run_detail import RunDetail
from inspector_app.ui.panels.run_redrawn import RunRedrawn


def pictures(number: int, defect_type: str) -> RedrawnPictures:
    line = RedrawnImage(
        number=number,
        image_path=f"/photos/{number}.png",
        is_defective=bool(defect_type),
        defect_type=defect_type,
        brightness_loss=0.01 * (number + 1),
        structure_loss=0.25,
    )
    return RedrawnPictures(line, *(np.full((16, 16, 3), 80, np.uint8) for _ in range(3)))


REDRAWN = Redrawn((pictures(0, ""), pictures(1, "dent")), 0.02, 0.05)


@pytest.fixture
def panel(qtbot: QtBot) -> RunRedrawn:
    panel = RunRedrawn()
    qtbot.addWidget(panel)
    panel.set_redrawn(REDRAWN)
    panel.show()
    return panel


def test_that_both_mean_losses_are_told(panel: RunRedrawn) -> None:
    assert "good 0.0200, of defective 0.0500 · 2.50 times" in panel.headline


def test_that_a_loss_that_is_not_known_is_a_dash(panel: RunRedrawn) -> None:
    panel.set_redrawn(Redrawn(REDRAWN.images, 0.02, None))
    assert panel.headline.endswith("of defective –")


def test_that_every_image_has_its_type_and_two_losses(panel: RunRedrawn) -> None:
    assert panel.captions == [
        "brightness 0.0100 · structure 0.250 · good · 0.png",
        "brightness 0.0200 · structure 0.250 · dent · 1.png",
    ]


def test_that_new_results_take_the_place_of_old_ones(panel: RunRedrawn) -> None:
    panel.set_redrawn(Redrawn(REDRAWN.images[:1], 0.02, None))
    assert len(panel.captions) == 1


def test_that_a_double_click_asks_for_the_image(panel: RunRedrawn, qtbot: QtBot) -> None:
    shown = [label for label in panel.findChildren(QLabel) if not label.pixmap().isNull()]
    with qtbot.waitSignal(panel.image_activated) as asked:
        qtbot.mouseDClick(shown[4], Qt.MouseButton.LeftButton)
    assert asked.args == ["/photos/1.png"]


def test_that_only_models_that_redraw_have_such_a_tab(qtbot: QtBot) -> None:
    detail = RunDetail()
    qtbot.addWidget(detail)
    detail.set_redrawn(REDRAWN)
    assert detail.has_redrawn
    detail.set_redrawn(None)
    assert not detail.has_redrawn
