"""What a trained model made of an image that is being annotated."""

from dataclasses import dataclass
from pathlib import Path

from inspector_app.services.heatmaps import HeatmapScale, scale_of
from inspector_app.services.model_looks import ModelLooks
from inspector_app.services.store_faults import STORE_FAULTS
from inspector_app.store.judgements import results_of

_TASK = "anomaly"


@dataclass(frozen=True, slots=True)
class AnomalyMap:
    """One image's heatmap and what its values mean."""

    path: Path
    file_scale: float
    """Value of the file's white, see `read_heatmap`."""
    scale: HeatmapScale
    """Its threshold is where Inspect draws the contour."""
    run_id: str
    """The training run of the model."""
    model_title: str


@dataclass(frozen=True, slots=True)
class Inspector:
    """A trained model that could make anomaly maps."""

    run_id: str
    title: str


class AnomalyMaps(ModelLooks):
    """Maps that inspections have left, and the way to get one that is missing."""

    @property
    def is_inspecting(self) -> bool:
        return self._inspections.active_inspection() is not None

    def of_image(self, image_path: Path) -> AnomalyMap | None:
        """Return the map by the newest inspection that judged an image; None if none did."""
        try:
            for inspection, result in results_of(self._session.project, str(image_path)):
                path = self._inspections.archive.heatmap_path(inspection.id, result)
                card = self._inspections.archive.card(inspection.id)
                if path is not None and card is not None:
                    scale = scale_of(card, inspection.threshold)
                    run_id = inspection.run_id
                    return AnomalyMap(path, result.heatmap_scale, scale, run_id, card.title)
        except STORE_FAULTS:
            # Annotating goes on without it; the session tells of a broken database.
            return None
        return None

    def inspector(self) -> Inspector | None:
        """Return the model of the newest completed training; None if there is none."""
        for run, card in self.usable_models():
            if card.task == _TASK:
                return Inspector(run.id, card.title)
        return None

    def inspect_from(self, image_path: Path) -> None:
        """Have every image of the project judged by `inspector`, beginning with one of them."""
        inspector = self.inspector()
        if inspector is not None and not self.is_inspecting:
            self._inspections.start_on_all_images(inspector.run_id, image_path)
