"""The readable images of a data set, and what is drawn in them."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import DatasetItem
from training.data.pictures import Pictures

_log = logging.getLogger(__name__)


class MarkedPictures(ABC):
    """The readable ones of a list of images, reduced to one size; subclasses keep the marks."""

    def __init__(self, items: Sequence[DatasetItem], size_px: int) -> None:
        self._items = items
        self.size_px = size_px
        self.pictures = Pictures([], size_px)
        self._defective: set[str] = set()
        self._damaged: list[str] = []

    def read(self, on_read: Callable[[int], None]) -> None:
        """Decode every mark and every file once; what is damaged is logged and left out.

        Args:
            on_read: called with the number of files gone through; may raise to end it.
        """
        for item in self._items:
            on_read(0)
            if item.is_defective:
                self._try_to_keep(item)
        usable = [i.image_path for i in self._items if i.image_path not in self._damaged]
        self.pictures = Pictures(usable, self.size_px)
        self.pictures.read(on_read)

    @abstractmethod
    def keep_marks(self, item: DatasetItem) -> bool:
        """Keep what is drawn in a defective image; tell whether any of it is left at this size.

        Raises:
            BadDataError: naming the image, if it is damaged.
        """

    def _try_to_keep(self, item: DatasetItem) -> None:
        try:
            is_left = self.keep_marks(item)
        except BadDataError as error:
            _log.warning("image left out: %s", error)
            self._damaged.append(item.image_path)
            return
        self._defective.add(item.image_path)
        if not is_left:
            size = f"{self.size_px} x {self.size_px} px"
            _log.warning("%s: its defects vanish at %s", item.image_path, size)

    @property
    def skipped(self) -> list[str]:
        """What could not be read."""
        return self._damaged + self.pictures.skipped

    def good(self) -> list[int]:
        """Return which images are of good parts."""
        return [index for index in range(len(self)) if not self.is_defective(index)]

    def is_defective(self, index: int) -> bool:
        return self.pictures.paths[index] in self._defective

    def __len__(self) -> int:
        return len(self.pictures)
