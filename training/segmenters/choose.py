"""Which click model answers: the best whose weights are at hand and fit into memory."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.domain.geometry import Box
from inspector_app.protocol.embeddings import EmbeddingFiles
from training.memory import give_back_memory, is_out_of_memory
from training.models.click.card import has_click_weights
from training.segmenters.base import Answer, Kept, Prompts, Recent, Segmenter
from training.segmenters.grabcut import GrabCutSegmenter
from training.segmenters.picture import Picture
from training.weights import WeightsShelf

GRABCUT = "GrabCut"
BUILT_IN = "Built-in network"
ADAPTED = "Adapted network"
_NEED_NO_SHELF = (ADAPTED, BUILT_IN, GRABCUT)
_SAM_VARIANTS = {"SAM ViT-H": "vit_h", "SAM ViT-L": "vit_l", "SAM ViT-B": "vit_b"}
"""Name of the weights to segment-anything's key of the network."""
_BEST_FIRST_ON_GPU = ("SAM ViT-H", "SAM ViT-L", "SAM ViT-B", "MobileSAM")
# Before the first click an image is encoded: MobileSAM takes 1.6 s on two cores,
# ViT-B tens of seconds, ViT-H minutes. A more exact mask is not worth that wait.
_BEST_FIRST_ON_CPU = ("MobileSAM", "SAM ViT-B", "SAM ViT-L", "SAM ViT-H")
_KEPT_PICTURES = 2
"""A decoded 4096² image takes 48 MB."""

_CPU = "cpu"
_HASH_DIGITS = 8

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


class ClickModels:
    """The click models of one worker; used from one thread."""

    def __init__(
        self,
        shelf: WeightsShelf,
        device: str,
        embeddings: EmbeddingFiles | None = None,
        *,
        built_in: Path | None = None,
    ) -> None:
        """Choose a model; its weights are verified now and loaded with the first request.

        Args:
            device: torch's name: ``cuda`` or ``cpu``.
            embeddings: where encoded images are kept for another time.
            built_in: the folder of the program's own click network, where it is shipped.
        """
        self._shelf = shelf
        self._embeddings = embeddings
        self._failed: set[tuple[str, str]] = set()
        self._own: dict[str, Path] = {}
        """Folders of the program's own networks."""
        self._set_own(BUILT_IN, built_in)
        self._wanted = ""
        self._home = device
        self._device = device
        self._remarks: list[str] = []
        self._loaded: Segmenter | None = None
        self._pictures: Recent[Picture] = Recent(_KEPT_PICTURES)
        self._choice = self._choose()

    @property
    def name(self) -> str:
        """The chosen model, and where it runs if that is not where it should."""
        is_away = self._device != self._home and self._choice not in _NEED_NO_SHELF
        return f"{self._choice} on the CPU" if is_away else self._choice

    @property
    def remarks(self) -> tuple[str, ...]:
        """Weights that were refused, and what else keeps the best model from being used."""
        return tuple(dict.fromkeys(self._remarks))

    @property
    def encoder(self) -> str:
        """Names what the chosen model leaves on disk; empty if it prepares nothing."""
        if self._choice in _NEED_NO_SHELF:
            return ""
        sha256 = self._shelf.manifest.entry(self._choice).sha256 or ""
        return f"{self._choice.lower().replace(' ', '-')}-{sha256[:_HASH_DIGITS]}"

    @property
    def present(self) -> tuple[str, ...]:
        """Every model that could answer, best first."""
        names = (name for name in self._order() if self._shelf.look_up(name).state == "present")
        return (*names, *self._always_there())

    def prepare(
        self,
        image_path: Path,
        view: Box | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Kept:
        """Encode an image, or the part of it that is looked at, ahead of the first click.

        Raises:
            KnownError: if the image cannot be read.
            Interrupted: if `should_stop` came true meanwhile.
        """
        part = self._picture(image_path).part(view)
        return self._ask(lambda model: model.prepare(part, should_stop))

    def prepare_ahead(
        self, image_path: Path, view: Box | None, should_stop: Callable[[], bool]
    ) -> Kept:
        """Likewise for an image that is looked at later; the present one's pixels stay at hand."""
        part = Picture.at(image_path).part(view)
        return self._ask(lambda model: model.prepare(part, should_stop))

    def segment(self, image_path: Path, prompts: Prompts, view: Box | None = None) -> Answer:
        """Return what the best model that can answer finds.

        Raises:
            KnownError: if the image cannot be read.
        """
        if not prompts.show_something:
            return Answer(self.name, ())
        part = self._part(image_path, prompts, view)
        prompts = prompts.seen_in(part.view) if part.view else prompts
        found = self._ask(lambda model: model.segment(part, prompts))
        return Answer(self.name, tuple(found), self._picture(image_path).size, part.view)

    def glance(self, image_path: Path, prompts: Prompts, view: Box | None = None) -> Answer:
        """Return the best candidate alone, and only if nothing had to be prepared for it.

        Raises:
            KnownError: if the image cannot be read.
        """
        if self._loaded is None:
            return Answer(self.name, ())
        part = self._part(image_path, prompts, view)
        prompts = prompts.seen_in(part.view) if part.view else prompts
        best = self._ask(lambda model: model.glance(part, prompts))
        found = () if best is None else (best,)
        return Answer(self.name, found, self._picture(image_path).size, part.view)

    def release(self) -> None:
        """Drop all models and leave the GPU to others until `reclaim`."""
        self._unload()
        self._device = _CPU
        self._choice = self._choose()

    def reclaim(self) -> None:
        """Choose anew, with the GPU; what did not fit beside a training may fit now."""
        if self._device != self._home:
            self._unload()
            self._device = self._home
            self._failed.clear()
            self._choice = self._choose()

    def choose(self, name: str, adapted: Path | None = None) -> None:
        """Use this model from now on if its weights are there; the best one if empty.

        Args:
            adapted: the folder of a network adapted to what is worked on; it is read anew.
        """
        self._wanted = name
        self._set_own(ADAPTED, adapted)
        chosen = self._choose()
        if chosen != self._choice or chosen == ADAPTED:
            self._unload()
            self._choice = chosen

    def _set_own(self, name: str, folder: Path | None) -> None:
        self._failed = {(failed, device) for failed, device in self._failed if failed != name}
        self._own.pop(name, None)
        if folder is not None and has_click_weights(folder):
            self._own[name] = folder

    def _part(self, image_path: Path, prompts: Prompts, view: Box | None) -> Picture:
        """Return the part of the picture, the whole if the prompts reach out of it.

        Raises:
            BadDataError: if a rough mask was drawn on an image of another size.
        """
        whole = self._picture(image_path)
        rough = prompts.rough
        if rough is not None and (rough.height, rough.width) != whole.size:
            raise BadDataError(
                f"{image_path}: the region was drawn on {rough.width} × {rough.height} px, "
                f"the image has {whole.size[1]} × {whole.size[0]}",
                "draw the region again",
            )
        part = whole.part(view)
        return part if part.view is None or prompts.lie_in(part.view) else whole

    def _picture(self, path: Path) -> Picture:
        return self._pictures.get(Picture.at(path), lambda picture: picture)

    def _ask(self, question: Callable[[Segmenter], Result]) -> Result:
        while True:
            model = self._model()
            try:
                return question(model)
            except Exception as error:
                # GrabCut is the last resort: what it cannot do, nothing can.
                if self._choice == GRABCUT or not is_out_of_memory(error):
                    raise
            # Past the handler, whose traceback would keep the model in memory.
            del model
            self._give_up("it does not fit into memory")

    def _model(self) -> Segmenter:
        while self._loaded is None:
            reason = ""
            try:
                self._loaded = self._load()
            except Exception as error:
                if not isinstance(error, MissingWeightsError) and not is_out_of_memory(error):
                    raise
                is_unfit = isinstance(error, MissingWeightsError)
                reason = str(error) if is_unfit else "it does not fit into memory"
            if reason:
                self._give_up(reason)
        return self._loaded

    def _load(self) -> Segmenter:
        if self._choice == GRABCUT:
            return GrabCutSegmenter()
        if self._choice in self._own:
            return self._load_own(self._choice)
        return self._load_sam()

    def _load_own(self, name: str) -> Segmenter:
        # Here, as torch is imported with them.
        from training.models.click.weights import load_click_network  # noqa: PLC0415
        from training.segmenters.click_network import ClickNetworkSegmenter  # noqa: PLC0415

        # Always on the CPU: it takes no longer than a click is felt, and leaves the GPU alone.
        return ClickNetworkSegmenter(name, load_click_network(self._own[name]), _CPU)

    def _load_sam(self) -> Segmenter:
        # Here, with the first click that needs them: their imports take seconds.
        from training.segmenters.mobile_sam import build_mobile_sam  # noqa: PLC0415
        from training.segmenters.sam import SamSegmenter, build_sam  # noqa: PLC0415

        _log.info("loading %s on %s", self._choice, self._device)
        weights = self._shelf.read(self._choice)
        variant = _SAM_VARIANTS.get(self._choice)
        network = build_sam(variant, weights) if variant else build_mobile_sam(weights)
        return SamSegmenter(
            self._choice, network, self._device, encoder=self.encoder, files=self._embeddings
        )

    def _give_up(self, reason: str) -> None:
        """Drop the chosen model and choose the next best."""
        remark = f"{self._choice} is left aside on {self._device}: {reason}"
        _log.warning("%s", remark)
        self._remarks.append(remark)
        self._unload()
        self._failed.add((self._choice, self._device))
        self._choice = self._choose()

    def _unload(self) -> None:
        self._loaded = None
        self._pictures.clear()
        give_back_memory()

    def _order(self) -> tuple[str, ...]:
        return _BEST_FIRST_ON_CPU if self._device == _CPU else _BEST_FIRST_ON_GPU

    def _choose(self) -> str:
        if self._wanted in self._always_there():
            return self._wanted
        # The wanted one first; False sorts before True.
        for name in sorted(self._order(), key=lambda name: name != self._wanted):
            if (name, self._device) in self._failed:
                continue
            item = self._shelf.look_up(name)
            self._remarks.extend(item.remarks)
            if item.state == "present":
                self._warn_of_waiting(name)
                return name
        if self._device != _CPU:
            self._device = _CPU
            return self._choose()
        return self._always_there()[0]

    def _always_there(self) -> tuple[str, ...]:
        """Return the models that need no weights from elsewhere, best first."""
        failed = {name for name, _ in self._failed}
        own = (name for name in (ADAPTED, BUILT_IN) if name in self._own and name not in failed)
        return (*own, GRABCUT)

    def _warn_of_waiting(self, name: str) -> None:
        if self._device == _CPU and name != "MobileSAM":
            self._remarks.append(
                f"{name} runs on the CPU here: the first click on an image can take a minute. "
                "With MobileSAM's weights it takes seconds."
            )
