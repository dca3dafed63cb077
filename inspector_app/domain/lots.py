"""Which lot a file belongs to, by a regular expression on its path."""

import re
from collections.abc import Callable, Sequence

from inspector_app.domain.errors import BadDataError

FindLots = Callable[[str, Sequence[str]], list[str | None]]
"""Pattern and paths to the lot of each, None where the pattern is not found."""


def find_lots(pattern: str, paths: Sequence[str]) -> list[str | None]:
    """Return of each path what the pattern's groups match in it, or all of it without groups.

    Some patterns take longer than anybody can wait, and nothing ends them: an operator's own
    belong into another process.

    Raises:
        BadDataError: if the pattern is no regular expression.
    """
    try:
        expression = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadDataError(
            f"{pattern}: not a regular expression ({error})", r"an example: ^(lot\d+)_"
        ) from error
    return [_lot(expression.search(path)) for path in paths]


def _lot(found: re.Match[str] | None) -> str | None:
    if found is None:
        return None
    parts = found.groups()
    return "\0".join(part or "" for part in parts) if parts else found.group()
