"""What YOLO-World takes from ultralytics. Importing it takes a second."""

from training.ultralytics_import import importing_ultralytics

with importing_ultralytics(
    "YOLO-World", "train a U-Net instead: it finds defects from the same drawings"
):
    from ultralytics.data.augment import Compose, Mosaic, RandomFlip, RandomHSV, RandomPerspective
    from ultralytics.nn.tasks import WorldModel, yaml_model_load
    from ultralytics.utils import ROOT, IterableSimpleNamespace
    from ultralytics.utils.instance import Instances
    from ultralytics.utils.loss import v8DetectionLoss

__all__ = [
    "ROOT",
    "Compose",
    "Instances",
    "IterableSimpleNamespace",
    "Mosaic",
    "RandomFlip",
    "RandomHSV",
    "RandomPerspective",
    "WorldModel",
    "v8DetectionLoss",
    "yaml_model_load",
]
