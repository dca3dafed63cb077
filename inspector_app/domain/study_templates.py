"""Questions that are asked again and again, as studies of the classifier."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspector_app.domain.search_space import grid
from inspector_app.domain.study import StudyPlan, Variant

_CLASSIFIER = "classifier"

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StudyTemplate:
    """A study that only needs to know how often, and what all of its trainings share."""

    key: str
    name: str
    question: str
    variants: Mapping[str, Settings]
    """Of the classifier, by name."""
    usual_repeats: int = 3

    def plan(self, repeats: int | None = None, shared: Settings | None = None) -> StudyPlan:
        """Return the study: `shared` settings hold where a variant does not say otherwise.

        Two repeats or more are the folds of a cross-validation: together they test every image
        once. One repeat is the usual split.
        """
        count = self.usual_repeats if repeats is None else repeats
        folds = tuple({"folds": count, "fold": fold} for fold in range(count))
        return StudyPlan(
            self.name,
            self.question,
            tuple(
                Variant(name, _CLASSIFIER, {**(shared or {}), **settings})
                for name, settings in self.variants.items()
            ),
            folds if count > 1 else ({},),
        )


_IMBALANCE = StudyTemplate(
    "imbalance",
    "Rare types",
    "Which method helps rare types most?",
    {
        "as they are": {},
        "weights by number": {"imbalance": "inverse_frequency"},
        "class-balanced weights": {"imbalance": "class_balanced"},
        "focal": {"imbalance": "focal"},
        "class-balanced focal": {"imbalance": "balanced_focal"},
        "logit adjustment": {"imbalance": "logit_adjustment"},
        "drawn by square root": {"sampling": "square_root"},
        "drawn equally often": {"sampling": "balanced"},
        "LMR, class-balanced": {"imbalance": "class_balanced", "mixed_reconstruction": True},
        "neighbours vote": {"neighbours": 5},
    },
    usual_repeats=5,
)
_OWN = StudyTemplate(
    "own-or-published",
    "Own network or published one",
    "Is a small network of one's own enough, or are published weights worth having?",
    {
        "own ResNet from scratch": {"network": "own_resnet", "pretrained": False},
        "ResNet-18 from scratch": {"network": "resnet18", "pretrained": False},
        "ResNet-18 with published weights": {"network": "resnet18"},
    },
)
_TRANSFORMER = StudyTemplate(
    "resnet-or-vit",
    "ResNet or ViT",
    "Does a vision transformer recognise more than a residual network?",
    {"ResNet-50": {"network": "resnet50"}, "ViT-B/16": {"network": "vit_b_16"}},
)
_LADDER = StudyTemplate(
    "four-attempts",
    "Four attempts",
    "What does each step from a first attempt to a careful one bring?",
    {
        "1 own network, no variations": {
            "network": "own_resnet",
            "pretrained": False,
            "flips": False,
            "crop": False,
            "colour_jitter": False,
        },
        "2 published weights, only the head": {"trained_part": "head"},
        "3 last stage as well": {"trained_part": "last_stage"},
        "4 all of it, rare types weighted": {"trained_part": "all", "imbalance": "class_balanced"},
    },
)
_GRID = StudyTemplate(
    "size-epochs-rate",
    "Size, epochs and learning rate",
    "How large, how long and how fast should training be?",
    {
        f"{each['image_size_px']} px, {each['epochs']} epochs, rate {each['learning_rate']}": each
        for each in grid(
            {
                "image_size_px": [96, 160, 224],
                "epochs": [10, 30],
                "learning_rate": [1e-4, 3e-4, 1e-3],
            }
        )
    },
    usual_repeats=1,
)

TEMPLATES: Mapping[str, StudyTemplate] = {
    each.key: each for each in (_IMBALANCE, _OWN, _TRANSFORMER, _LADDER, _GRID)
}


def sweep(
    kind: str,
    settings: list[dict[str, Any]],
    *,
    repeats: int = 1,
    shared: Settings | None = None,
    is_pruned: bool = True,
) -> StudyPlan:
    """Return a study of settings, each with `repeats` seeds."""
    seeds: tuple[Settings, ...] = tuple({"seed": seed} for seed in range(repeats))
    return StudyPlan(
        "Sweep",
        "Which settings are best?",
        tuple(Variant(_settings_text(each), kind, {**(shared or {}), **each}) for each in settings),
        seeds if repeats > 1 else ({},),
        is_pruned=is_pruned,
    )


def _settings_text(settings: Settings) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())
