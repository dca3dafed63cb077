"""Joins the canvas and the heatmap tool with what inspections have left of the image."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QAction

from inspector_app.services.anomaly_maps import AnomalyMap, AnomalyMaps
from inspector_app.ui.canvas.draft_making import Draft, DraftMaker, DraftRequest, DraftSource
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.tools.heatmap import HeatmapTool
from inspector_app.ui.canvas.view import Canvas
from inspector_app.ui.context import ProgramServices
from inspector_app.ui.panels.heatmap_loader import HeatmapLoader, HeatmapPicture, HeatmapRequest
from inspector_app.ui.panels.map_offer import MapOffer

_LARGEST_OVERLAY_PX = 2048
"""Maps are far coarser than that; the canvas stretches them over the image."""


@dataclass(frozen=True, slots=True)
class HeatmapParts:
    """What the layer works on."""

    canvas: Canvas
    editing: Editing
    tool: HeatmapTool
    action: QAction
    """Checked while the heatmap is to be seen."""
    offer: MapOffer


class HeatmapLayer(QObject):
    """Shows the newest anomaly map of the image at hand, and drafts while the tool is in hand."""

    def __init__(
        self,
        maps: AnomalyMaps,
        program: ProgramServices,
        parts: HeatmapParts,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._maps = maps
        self._settings = program.settings
        self._parts = parts
        self._loader = HeatmapLoader(program.background, self)
        self._maker = DraftMaker(program.background, self)
        self._image_path: Path | None = None
        self._map: AnomalyMap | None = None
        self._problem = ""
        """Why the map that there is cannot be shown."""
        self._is_in_hand = False
        self._connect()

    def set_image(self, path: Path | None) -> None:
        """Another image is on the canvas, or none."""
        self._image_path = path
        self._problem = ""
        self._show_map(None)
        self._refresh()

    def set_in_hand(self, is_in_hand: bool) -> None:
        """Whether the tool is the one in use; taking it shows the heatmap."""
        was_in_hand, self._is_in_hand = self._is_in_hand, is_in_hand
        if is_in_hand and not was_in_hand:
            self._parts.action.setChecked(True)
            self.draft_again()

    def draft_again(self) -> None:
        """Have drafts made of what is set, and drawn, now."""
        found, size = self._map, self._parts.editing.image_size
        document = self._parts.editing.document
        if found is None or not self._is_in_hand or size.isEmpty():
            return
        options = self._parts.tool.heatmap_options
        source = DraftSource(
            path=found.path,
            file_scale=found.file_scale,
            level=found.scale.threshold * options.share.value / 100,
            width=size.width(),
            height=size.height(),
            tidying=options.tidying,
        )
        self._maker.request(DraftRequest(source, document.regions if document else ()))

    def _connect(self) -> None:
        parts, options = self._parts, self._parts.tool.heatmap_options
        options.opacity.set_value(round(100 * self._settings.heatmap_opacity_01))
        options.opacity.changed.connect(self._set_opacity)
        parts.action.toggled.connect(self._refresh)
        parts.tool.drafts_wanted.connect(self.draft_again)
        parts.offer.inspection_requested.connect(self._inspect)
        self._maps.changed.connect(self._refresh)
        self._maps.progressed.connect(parts.offer.set_progress)
        self._loader.ready.connect(self._show_overlay)
        self._loader.failed.connect(self._on_failed)
        self._maker.ready.connect(self._show_drafts)
        self._maker.failed.connect(self._on_failed)

    # the map

    def _refresh(self) -> None:
        """Show what there is now."""
        if self._image_path is None or not self._parts.action.isChecked():
            self._parts.offer.hide()
            self._show_map(None)
            return
        found = self._maps.of_image(self._image_path)
        if found != self._map:
            self._problem = ""
            self._show_map(found)
        self._show_offer()

    def _show_map(self, found: AnomalyMap | None) -> None:
        if found is None and self._map is None:
            return
        if found is None:
            self._loader.forget()
            self._maker.forget()
            self._parts.canvas.set_overlay(None)
            self._parts.tool.set_drafts(None)
        self._map = found
        if found is not None:
            self._loader.request(self._overlay_request(found))
            self.draft_again()
        self._name_model()

    def _name_model(self) -> None:
        action = self._parts.action
        text = f"{action.text()} ({action.shortcut().toString()})"
        if self._map is not None:
            text += f"\n{self._map.model_title}, {self._map.run_id}"
        action.setToolTip(text)

    def _overlay_request(self, found: AnomalyMap) -> HeatmapRequest:
        whole = self._parts.canvas.image_size
        most = QSize(_LARGEST_OVERLAY_PX, _LARGEST_OVERLAY_PX)
        is_large = max(whole.toTuple()) > _LARGEST_OVERLAY_PX
        size = whole.scaled(most, Qt.AspectRatioMode.KeepAspectRatio) if is_large else whole
        return HeatmapRequest(
            path=found.path,
            file_scale=found.file_scale,
            scale=found.scale,
            palette=self._settings.palette,
            width=max(1, size.width()),
            height=max(1, size.height()),
        )

    def _show_overlay(self, picture: HeatmapPicture) -> None:
        if self._map is not None and picture.request.path == self._map.path:
            opacity = self._parts.tool.heatmap_options.opacity
            self._parts.canvas.set_overlay(picture.overlay, opacity.value / 100)

    def _set_opacity(self, percent: int) -> None:
        self._settings.heatmap_opacity_01 = percent / 100
        self._parts.canvas.set_overlay_opacity(percent / 100)

    def _on_failed(self, sentence: str) -> None:
        self._problem = sentence
        self._parts.tool.set_drafts(None)
        self._show_offer()

    def _inspect(self) -> None:
        if self._image_path is not None:
            self._maps.inspect_from(self._image_path)

    def _show_offer(self) -> None:
        offer = self._parts.offer
        if self._map is not None and not self._problem:
            offer.hide()
        elif self._maps.is_inspecting:
            offer.show_running(self.tr("Inspecting: the map appears once this image was judged."))
        elif (inspector := self._maps.inspector()) is None:
            offer.show_why(self.tr("An anomaly map needs a trained model: train one first."))
        else:
            why = self._problem or self.tr("No inspection has judged this image yet.")
            button = self.tr("Inspect all images with {model}").format(model=inspector.title)
            offer.show_why(why, button=button)

    def _show_drafts(self, drafts: list[Draft]) -> None:
        if self._map is not None:
            self._parts.tool.set_drafts(drafts, self._map.run_id)
