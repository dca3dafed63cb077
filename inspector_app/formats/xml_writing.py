"""What exporters of XML share."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import TextIOBase
from xml.sax.saxutils import XMLGenerator

from inspector_app.domain.errors import BadDataError

# XML 1.0 has no spelling for most of them (https://www.w3.org/TR/xml/#charsets), and
# line breaks and tabs do not survive in every place.
_IMPOSSIBLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def refuse_impossible_names(names: Iterable[str]) -> None:
    """Refuse names that XML cannot hold.

    Raises:
        BadDataError: naming the first.
    """
    for name in names:
        if found := _IMPOSSIBLE.search(name):
            raise BadDataError(
                f"{name!r}: XML cannot hold the character {found[0]!r}",
                "rename it, or choose another format",
            )


class XmlWriter:
    """XML element by element, indented; nothing is kept in memory."""

    def __init__(self, stream: TextIOBase) -> None:
        self._generator = XMLGenerator(stream, "utf-8", short_empty_elements=True)
        self._depth = 0

    @contextmanager
    def document(self, name: str) -> Iterator[None]:
        self._generator.startDocument()
        with self.element(name):
            yield
        self._generator.ignorableWhitespace("\n")
        self._generator.endDocument()

    @contextmanager
    def element(self, name: str, /, **attributes: object) -> Iterator[None]:
        self._start(name, attributes)
        self._depth += 1
        yield
        self._depth -= 1
        self._new_line()
        self._generator.endElement(name)

    def empty(self, name: str, /, **attributes: object) -> None:
        self._start(name, attributes)
        self._generator.endElement(name)

    def text(self, name: str, content: str, /, **attributes: object) -> None:
        self._start(name, attributes)
        self._generator.characters(content)
        self._generator.endElement(name)

    def _start(self, name: str, attributes: Mapping[str, object]) -> None:
        if self._depth:
            self._new_line()
        spelled = {key: str(value) for key, value in attributes.items()}
        self._generator.startElement(name, spelled)  # type: ignore[arg-type]

    def _new_line(self) -> None:
        self._generator.ignorableWhitespace("\n" + "  " * self._depth)
