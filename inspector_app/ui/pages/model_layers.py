"""What trained models add to the Annotate page: maps to draft from, proposals, disagreements."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from inspector_app.services.session import ProjectSession
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.tools import Tool
from inspector_app.ui.canvas.tools.heatmap import HeatmapTool
from inspector_app.ui.canvas.tools.proposals import ProposalTool
from inspector_app.ui.canvas.view import Canvas
from inspector_app.ui.context import ModelOpinions, ProgramServices
from inspector_app.ui.pages.annotate_actions import AnnotateActions
from inspector_app.ui.pages.disagreement_queue import DisagreementQueue
from inspector_app.ui.pages.heatmap_layer import HeatmapLayer, HeatmapParts
from inspector_app.ui.pages.proposal_layer import ProposalLayer, ProposalParts
from inspector_app.ui.panels.map_offer import MapOffer
from inspector_app.ui.panels.proposal_bar import ProposalBar


class ModelLayers(QObject):
    """Tells each layer of the image at hand, and of the tool."""

    def __init__(
        self,
        program: ProgramServices,
        session: ProjectSession,
        opinions: ModelOpinions,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._program = program
        self._session = session
        self._opinions = opinions
        self.map_offer = MapOffer()
        self.proposal_bar = ProposalBar()

    @property
    def strips(self) -> list[QWidget]:
        """Lines for above the canvas."""
        return [self.queue.strip, self.map_offer, self.proposal_bar]

    def connect_to(
        self,
        canvas: Canvas,
        editing: Editing,
        tools: Mapping[str, Tool],
        actions: AnnotateActions,
    ) -> None:
        """Begin to work; nothing else may be called before."""
        drafting, deciding = tools[HeatmapTool.name], tools[ProposalTool.name]
        assert isinstance(drafting, HeatmapTool)
        assert isinstance(deciding, ProposalTool)
        of_map = HeatmapParts(canvas, editing, drafting, actions.heatmap, self.map_offer)
        self._heatmap = HeatmapLayer(self._opinions.maps, self._program, of_map, self)
        of_proposals = ProposalParts(editing, deciding, self.proposal_bar)
        self._deciding = ProposalLayer(self._session, self._opinions.proposals, of_proposals, self)
        self._program.weights.listed.connect(self._deciding.set_weights)
        self.queue = DisagreementQueue(
            self._session, self._opinions.judgements, actions.disagreements, self
        )

    def set_image(self, path: Path | None) -> None:
        self._heatmap.set_image(path)
        self._deciding.set_image()

    def set_tool(self, tool: Tool) -> None:
        self._heatmap.set_in_hand(isinstance(tool, HeatmapTool))
        self._deciding.set_in_hand(is_in_hand=isinstance(tool, ProposalTool))

    def show(self) -> None:
        """The page is shown: what models said may have changed on another."""
        self._opinions.judgements.read()

    def document_changed(self) -> None:
        self._heatmap.draft_again()
        self._deciding.refresh()
