"""One inspected image: photo, heatmap, contour, verdict and the colour scale."""

import math
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QImage, QKeySequence, QPolygonF
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.decision import decide
from inspector_app.domain.huge import HugeImage
from inspector_app.domain.jobs import ResultRecord
from inspector_app.domain.mask import Polygon
from inspector_app.paths import cache_folder
from inspector_app.protocol.files import BundleCard
from inspector_app.services.background import Background
from inspector_app.services.heatmaps import PALETTES, HeatmapScale, scale_of
from inspector_app.services.images import Images
from inspector_app.services.settings import Settings
from inspector_app.ui.canvas.huge_on_canvas import HugeOnCanvas
from inspector_app.ui.canvas.view import Canvas
from inspector_app.ui.icons import icon
from inspector_app.ui.models.verdict_badge import VerdictBadge
from inspector_app.ui.panels.heatmap_legend import HeatmapLegend, share_of_scale
from inspector_app.ui.panels.heatmap_loader import HeatmapLoader, HeatmapPicture, HeatmapRequest
from inspector_app.ui.theme import MARGIN_PX
from inspector_app.ui.wording import called_name

_BADGE_MARGIN_PX = 12


class ResultView(QWidget):
    """Shows what is asked for; heatmaps come in colours that mean the same on every image."""

    def __init__(
        self,
        images: Images,
        background: Background,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._images = images
        self._settings = settings
        self._loader = HeatmapLoader(background, self)
        self._card: BundleCard | None = None
        self._threshold = math.nan
        self._decimals = 3
        self._result: ResultRecord | None = None
        self._heatmap_path: Path | None = None
        self._picture: HeatmapPicture | None = None
        self._create_widgets()
        self._huge = HugeOnCanvas(background, self.canvas, cache_folder() / "overviews", self)
        self._lay_out()
        self._connect()
        self.clear()

    @property
    def picture(self) -> HeatmapPicture | None:
        """The heatmap of the image at hand, once it is made."""
        return self._picture

    def clear(self, text: str = "") -> None:
        self._result = None
        self._heatmap_path = None
        self._drop_overlay()
        self.canvas.set_placeholder(text)
        self._huge.close()
        self._show_verdict()

    def set_model(self, card: BundleCard | None) -> None:
        """Take over the colour scale of the model that scored the images."""
        self._card = card
        self.legend.set_scale(self._scale, self._settings.palette)
        for widget in (self.heatmap_button, self.contour_button, self.palette_choice, self.opacity):
            widget.setEnabled(card is not None)

    def set_threshold(self, threshold: float, decimals: int) -> None:
        """Decide anew and draw the contour where the threshold lies now."""
        self._threshold = threshold
        self._decimals = decimals
        self.legend.set_scale(self._scale, self._settings.palette)
        self._show_verdict()
        self._request_heatmap()

    def set_result(self, result: ResultRecord, heatmap_path: Path | None) -> None:
        self._result = result
        self._heatmap_path = heatmap_path
        self._drop_overlay()
        if result.error:
            self.canvas.set_placeholder(result.error)
            self._huge.close()
        else:
            self._images.request(Path(result.image_path))
        self._show_verdict()

    # ---------------------------------------------------------------- construction

    def _create_widgets(self) -> None:
        self.canvas = Canvas()
        self.badge = VerdictBadge(self.canvas)
        self.badge.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._create_actions()
        self.heatmap_button = self._tool_button(self.heatmap_action)
        self.contour_button = self._tool_button(self.contour_action)
        self.palette_choice = QComboBox()
        self.palette_choice.addItems([name.capitalize() for name in PALETTES])
        self.palette_choice.setCurrentIndex(PALETTES.index(self._settings.palette))
        self.palette_choice.setToolTip(self.tr("Colours of the heatmap"))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setMaximumWidth(120)
        self.opacity.setValue(round(100 * self._settings.heatmap_opacity_01))
        self.opacity.setToolTip(self.tr("How much the heatmap covers the part"))
        self.opacity.setAccessibleName(self.tr("Heatmap opacity"))
        self.legend = HeatmapLegend()

    def _create_actions(self) -> None:
        self.heatmap_action = self._action(self.tr("Heatmap"), "heatmap", "M")
        self.heatmap_action.setCheckable(True)
        self.heatmap_action.setChecked(True)
        self.contour_action = self._action(
            self.tr("Outline at the threshold"), "contour", "Shift+M"
        )
        self.contour_action.setCheckable(True)
        self.contour_action.setChecked(True)
        self.fit_action = self._action(self.tr("Fit to window"), "fit", "Ctrl+F")
        self.zoom_action = self._action(self.tr("Zoom to 100 %"), "zoom-100", "Ctrl+0")

    def _action(self, text: str, icon_name: str, shortcut: str) -> QAction:
        action = QAction(icon(icon_name), text, self)
        action.setShortcut(QKeySequence(shortcut))
        # Annotate has some of these keys too; each page answers only while it is open.
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(f"{text} ({action.shortcut().toString()})")
        self.addAction(action)
        return action

    def _tool_button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setIconSize(QSize(20, 20))
        return button

    def _lay_out(self) -> None:
        strip = QFrame()
        strip.setProperty("role", "strip")
        row = QHBoxLayout(strip)
        row.setContentsMargins(MARGIN_PX, 6, MARGIN_PX, 6)
        row.addWidget(self.heatmap_button)
        row.addWidget(self.contour_button)
        row.addWidget(self.palette_choice)
        row.addWidget(QLabel(self.tr("Opacity")))
        row.addWidget(self.opacity)
        row.addStretch(1)
        row.addWidget(self._tool_button(self.fit_action))
        row.addWidget(self._tool_button(self.zoom_action))
        foot = QVBoxLayout()
        foot.setContentsMargins(MARGIN_PX, 6, MARGIN_PX, 6)
        foot.addWidget(self.legend)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
        layout.addWidget(self.canvas, 1)
        layout.addLayout(foot)

    def _connect(self) -> None:
        self._images.loaded.connect(self._on_image_loaded)
        self._images.huge_opened.connect(self._on_huge_opened)
        self._images.failed.connect(self._on_image_failed)
        self._loader.ready.connect(self.show_heatmap)
        self._loader.failed.connect(self._on_heatmap_failed)
        self.heatmap_action.toggled.connect(self._show_overlay)
        self.contour_action.toggled.connect(self._show_overlay)
        self.canvas.zoom_changed.connect(self._place_badge)
        self.fit_action.triggered.connect(self.canvas.fit)
        self.zoom_action.triggered.connect(lambda: self.canvas.zoom_to(100))
        self.palette_choice.activated.connect(self._choose_palette)
        self.opacity.valueChanged.connect(self._choose_opacity)

    # ---------------------------------------------------------------- image and heatmap

    @property
    def _scale(self) -> HeatmapScale | None:
        """From the median of good parts through the threshold as it stands."""
        return None if self._card is None else scale_of(self._card, self._threshold)

    def _is_current(self, path: str) -> bool:
        return self._result is not None and self._result.image_path == path

    def _on_image_loaded(self, path: str, image: QImage) -> None:
        if self._is_current(path):
            self._huge.close()
            self.canvas.set_image(image, self._images.halvings(Path(path)))
            self._request_heatmap()

    def _on_huge_opened(self, path: str, image: HugeImage) -> None:
        if self._is_current(path):
            self._huge.show(image)
            self._request_heatmap()

    def _on_image_failed(self, path: str, sentence: str) -> None:
        if self._is_current(path):
            self.canvas.set_placeholder(sentence)

    def _request_heatmap(self) -> None:
        size = self.canvas.image_size
        scale = self._scale
        if self._result is None or self._heatmap_path is None or scale is None or size.isEmpty():
            return
        self._loader.request(
            HeatmapRequest(
                path=self._heatmap_path,
                file_scale=self._result.heatmap_scale,
                scale=scale,
                palette=self._settings.palette,
                width=size.width(),
                height=size.height(),
            )
        )

    def show_heatmap(self, picture: HeatmapPicture) -> None:
        """Lay a heatmap over the image if it is that image's."""
        if picture.request.path == self._heatmap_path:
            self._picture = picture
            self._show_overlay()

    def _place_badge(self) -> None:
        """Put the verdict into the first corner where it covers nothing that is outlined."""
        shapes = [QPolygonF([QPointF(x, y) for x, y in p]) for p in self._outlines()]
        transform = self.canvas.viewport.transform
        taken = [transform.map(shape).boundingRect() for shape in shapes]
        corners = self._corners()
        free = [c for c in corners if not any(QRectF(c).intersects(rect) for rect in taken)]
        self.badge.move((free or corners)[0].topLeft())

    def _corners(self) -> list[QRect]:
        room = self.canvas.rect().adjusted(
            _BADGE_MARGIN_PX, _BADGE_MARGIN_PX, -_BADGE_MARGIN_PX, -_BADGE_MARGIN_PX
        )
        size = self.badge.sizeHint()
        right, bottom = room.right() - size.width(), room.bottom() - size.height()
        places = [(room.left(), room.top()), (right, room.top())]
        places += [(room.left(), bottom), (right, bottom)]
        return [QRect(QPoint(x, y), size) for x, y in places]

    def _outlines(self) -> tuple[Polygon, ...]:
        return self._picture.contours if self._picture is not None else ()

    def _show_overlay(self) -> None:
        picture = self._picture
        overlay = picture.overlay if picture and self.heatmap_action.isChecked() else None
        self.canvas.set_overlay(overlay, self.opacity.value() / 100)
        self.canvas.set_contours(self._outlines() if self.contour_action.isChecked() else ())
        self._place_badge()

    def _drop_overlay(self) -> None:
        self._loader.forget()
        self._picture = None
        self._show_overlay()

    def _on_heatmap_failed(self, sentence: str) -> None:
        self.legend.setToolTip(sentence)

    # ---------------------------------------------------------------- display

    def _show_verdict(self) -> None:
        result = self._result
        if result is None or not math.isfinite(self._threshold):
            self.badge.set_verdict(None)
            self.legend.set_marks(math.nan, "", math.nan, "")
            return
        verdict = decide(result.score, self._threshold)
        score = f"{result.score:.{self._decimals}f}"
        detail = score if result.is_judged else self.tr("could not be judged")
        if called := called_name(result):
            detail = f"{detail} · {called}"
        self.badge.set_verdict(verdict, detail)
        self._place_badge()
        self._show_marks(result, score)

    def _show_marks(self, result: ResultRecord, score_text: str) -> None:
        scale = self._scale
        if self._card is None or scale is None:
            return
        threshold_text = f"{self._threshold:.{self._decimals}f}"
        at = scale_of(self._card, result.score).threshold if result.is_judged else math.nan
        self.legend.set_marks(
            share_of_scale(scale.threshold, scale),
            self.tr("threshold {value}").format(value=threshold_text),
            share_of_scale(at, scale),
            self.tr("score {value}").format(value=score_text),
        )

    def _choose_palette(self, place: int) -> None:
        self._settings.palette = PALETTES[place]
        self.legend.set_scale(self._scale, PALETTES[place])
        self._request_heatmap()

    def _choose_opacity(self, percent: int) -> None:
        self._settings.heatmap_opacity_01 = percent / 100
        self._show_overlay()
