"""Brightness, contrast, gamma, channel and window of the view; the file stays as it is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QPushButton, QSlider, QWidget

from inspector_app.ui.canvas.adjustment import Adjustment, Channel
from inspector_app.ui.panels.window import WindowMode, WindowPanel
from inspector_app.ui.theme import SPACING_PX


class AdjustPanel(QWidget):
    """Three sliders, a choice of channel, a window for deep images, and the way back."""

    adjustment_changed = Signal(object)
    """Adjustment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.brightness = self._slider(self.tr("Brightness"))
        self.contrast = self._slider(self.tr("Contrast"))
        self.gamma = self._slider(self.tr("Gamma"))
        self.gamma.setToolTip(
            self.tr("Lifts or lowers what is dark. Changes only what you see, never the file")
        )
        self.channel = self._create_channel_choice()
        self.window_panel = WindowPanel()
        self._reset = QPushButton(self.tr("Reset"))
        self._reset.setProperty("role", "flat")
        self._reset.setToolTip(self.tr("Show the image as it is (Shift+L)"))
        self._reset.setEnabled(False)
        self._reset.clicked.connect(self.reset)
        self.window_panel.window_changed.connect(self._show_reset)
        self._lay_out()

    @property
    def adjustment(self) -> Adjustment:
        return Adjustment(
            self.brightness.value(),
            self.contrast.value(),
            self.gamma.value(),
            Channel(self.channel.currentData()),
        )

    def reset(self) -> None:
        for slider in (self.brightness, self.contrast, self.gamma):
            slider.setValue(0)
        self.channel.setCurrentIndex(0)
        self.window_panel.set_mode(WindowMode.AUTO)

    def choose_next_channel(self) -> None:
        following = self.adjustment.channel.following
        self.channel.setCurrentIndex(self.channel.findData(following))

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(SPACING_PX)
        layout.setVerticalSpacing(SPACING_PX // 2)
        rows = (self.brightness, self.contrast, self.gamma, self.channel)
        for row, control in enumerate(rows):
            layout.addWidget(QLabel(control.accessibleName()), row, 0)
            layout.addWidget(control, row, 1)
        layout.addWidget(self.window_panel, len(rows), 0, 1, 2)
        layout.addWidget(self._reset, len(rows) + 1, 1, Qt.AlignmentFlag.AlignRight)

    def _create_channel_choice(self) -> QComboBox:
        choice = QComboBox()
        choice.setAccessibleName(self.tr("Channel"))
        choice.setToolTip(self.tr("Shows one part of the colours as grey (L for the next)"))
        for channel, name in (
            (Channel.ALL, self.tr("All colours")),
            (Channel.RED, self.tr("Red")),
            (Channel.GREEN, self.tr("Green")),
            (Channel.BLUE, self.tr("Blue")),
            (Channel.LUMINANCE, self.tr("Luminance")),
        ):
            choice.addItem(name, channel)
        choice.currentIndexChanged.connect(self._on_changed)
        return choice

    def _slider(self, name: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(-100, 100)
        slider.setAccessibleName(name)
        slider.setToolTip(self.tr("Changes only what you see, never the file"))
        slider.valueChanged.connect(self._on_changed)
        return slider

    def _on_changed(self) -> None:
        self._show_reset()
        self.adjustment_changed.emit(self.adjustment)

    def _show_reset(self) -> None:
        is_auto = self.window_panel.mode is WindowMode.AUTO
        self._reset.setEnabled(not (self.adjustment.is_neutral and is_auto))
