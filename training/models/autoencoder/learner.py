"""What one training step of a model that redraws is."""

from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from training.data.augment import vary
from training.models.autoencoder.card import RedrawingConfig
from training.models.autoencoder.redrawing import Redrawing


class RedrawingLearner(LightningModule):
    """Redraws good images; `train_loss` and `val_loss` are means over the epoch's images."""

    def __init__(self, model: Redrawing, config: RedrawingConfig) -> None:
        super().__init__()
        self.model = model
        self.config = config

    def training_step(self, images: Tensor, _index: int) -> Tensor:
        loss = self.model.training_loss(vary(images) if self.config.augment else images)
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(images))
        return loss

    def validation_step(self, images: Tensor, _index: int) -> None:
        self.log("val_loss", self.model.loss(images), batch_size=len(images))

    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer = AdamW(self.parameters(), lr=self.config.learning_rate)
        # Up in a tenth of the steps, then down to nothing: sharp copies after few epochs.
        schedule = OneCycleLR(
            optimizer,
            self.config.learning_rate,
            total_steps=int(self.trainer.estimated_stepping_batches),
            pct_start=0.1,
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
