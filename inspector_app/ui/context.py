"""What the window is given: services of the program and of the open project."""

from dataclasses import dataclass

from inspector_app.services.anomaly_maps import AnomalyMaps
from inspector_app.services.background import Background
from inspector_app.services.click_adapting import ClickAdapting
from inspector_app.services.encoding_ahead import EncodingAhead
from inspector_app.services.exchange_jobs import ExchangeJobs
from inspector_app.services.images import Images
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.judgements import Judgements
from inspector_app.services.model_proposals import ModelProposals
from inspector_app.services.segmentation import Segmentation
from inspector_app.services.session import ProjectSession
from inspector_app.services.settings import Settings
from inspector_app.services.study_jobs import StudyJobs
from inspector_app.services.thumbnails import Thumbnails
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.weights_jobs import WeightsJobs
from inspector_app.services.workers import Workers


@dataclass(frozen=True)
class ProgramServices:
    """Live as long as the program."""

    settings: Settings
    background: Background
    images: Images
    thumbnails: Thumbnails
    workers: Workers
    segmentation: Segmentation
    encoding_ahead: EncodingAhead
    weights: WeightsJobs


@dataclass(frozen=True)
class ModelOpinions:
    """What trained models make of the project's images."""

    maps: AnomalyMaps
    proposals: ModelProposals
    judgements: Judgements


@dataclass(frozen=True)
class ProjectServices:
    """Live as long as a project is open."""

    session: ProjectSession
    training_jobs: TrainingJobs
    study_jobs: StudyJobs
    inspection_jobs: InspectionJobs
    exchange_jobs: ExchangeJobs
    judgements: Judgements
    anomaly_maps: AnomalyMaps
    model_proposals: ModelProposals
    click_adapting: ClickAdapting

    @property
    def opinions(self) -> ModelOpinions:
        return ModelOpinions(self.anomaly_maps, self.model_proposals, self.judgements)
