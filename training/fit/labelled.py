"""What trainings from labelled images share: classes, and weights to start from."""

import logging
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from torch import Tensor

from inspector_app.domain.errors import MissingWeightsError
from training.fit.task_run import Given, Item, Item_co, Model, Read, Roles, TaskRun
from training.fit.team import rank
from training.memory import is_out_of_memory
from training.models.settings import LabelledConfig
from training.models.start import Start, choose_start, keep_start, kept_start
from training.weights import WeightsShelf

_log = logging.getLogger(__name__)


class LabelledRoles(Roles[Item_co], Protocol[Item_co]):
    """Which images are used for what, and the classes they show."""

    @property
    def classes(self) -> tuple[str, ...]: ...


Config = TypeVar("Config", bound=LabelledConfig)


class LabelledRun(TaskRun[Config, Model, Item, Read]):
    """A training that starts from published weights where there are some."""

    def __init__(
        self, given: Given[Config, Model], roles: LabelledRoles[Item], shelf: WeightsShelf
    ) -> None:
        super().__init__(given, roles)
        self.classes = roles.classes
        self.shelf = shelf
        self._start = Start(None, "")

    @abstractmethod
    def make(self, state: Mapping[str, Tensor] | None) -> Model:
        """Return the network with fresh weights, or with those of its published original.

        Raises:
            RuntimeError, KeyError, ValueError: if they are no weights of it.
        """

    def build(self, train: Read) -> Model:
        start = self._start = self._chosen_start()
        # Said before the first epoch: who expected published weights can cancel at once.
        self.given.report(0, 1, f"starting: {start.description}")
        try:
            return self.make(start.state)
        except (RuntimeError, KeyError, ValueError) as error:
            if start.state is None or is_out_of_memory(error):
                raise
            _log.warning("%s", error)
            raise MissingWeightsError(
                f"{start.description}: these are no weights of {self.config.network}",
                "choose the network that the weights were saved from; the log has the details",
            ) from error

    def _chosen_start(self) -> Start:
        """Return what the run that is gone on with began with, or what the settings ask for."""
        before, _ = self.before
        kept = kept_start(self.given.folder) if before is not None else None
        return kept or choose_start(self.config, self.shelf)

    def keep_beginning(self) -> None:
        if not rank():
            keep_start(self.given.folder, self._start)

    def origin(self) -> dict[str, Any]:
        return {"classes": self.classes, "started_from": self._start.description}

    def extra_figures(self) -> dict[str, float]:
        return {"pretrained": float(not self.is_from_scratch)}

    @property
    def is_from_scratch(self) -> bool:
        """Whether there were no weights to start from; known once the network is built."""
        return self._start.is_from_scratch
