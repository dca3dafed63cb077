"""What exporters of XML share."""

import re
from collections.abc import Iterable

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
