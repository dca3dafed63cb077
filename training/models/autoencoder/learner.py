"""What one training step of a model that redraws is."""

from typing import Any

from torch import Tensor

from training.fit.learner import Learner
from training.models.autoencoder.card import RedrawingConfig
from training.models.autoencoder.redrawing import Redrawing
from training.models.autoencoder.variations import varied


class RedrawingLearner(Learner[Redrawing, RedrawingConfig, Tensor]):
    """Redraws good images; `val_loss` is the mean over the held-out images."""

    def loss_of(self, batch: Tensor) -> Tensor:
        return self.model.training_loss(varied(self.config, batch))

    def check(self, batch: Tensor) -> None:
        self.log("val_loss", self.model.loss(batch), batch_size=len(batch))

    def groups(self) -> list[dict[str, Any]]:
        return [{"params": self.model.parameters(), "lr": self.config.learning_rate}]
