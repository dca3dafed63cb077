"""`--try key=…` to the values that a sweep tries, by the JSON schema of a model's card."""

from collections.abc import Mapping, Sequence
from typing import Any

from inspector_app.cli.assignments import parse_assignments
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.search_space import Range, Values, draws, grid

_RANGE = ".."


def tried_settings(
    words: Sequence[str], schema: Mapping[str, Any], *, draw_count: int, seed: int
) -> list[dict[str, Any]]:
    """Return the settings of each training: all combinations, or so many random ones.

    ``key=a,b,c`` names values, ``key=a..b`` a range to draw from.

    Raises:
        BadDataError: naming the word that is not understood, and the remedy.
    """
    values = dict(_parse(word, schema) for word in words)
    if not values:
        raise BadDataError("a sweep tries nothing", "name settings: --try learning_rate=1e-4..1e-2")
    if draw_count:
        found = draws(values, draw_count, seed=seed)
        # Ends of a range that the model takes do not make everything between acceptable.
        return [parse_assignments(_as_words(each), schema) for each in found]
    listed = {name: each for name, each in values.items() if not isinstance(each, Range)}
    if missing := values.keys() - listed.keys():
        raise BadDataError(
            f"--try {', '.join(sorted(missing))}: a range has no end of values",
            "name values (a,b,c), or say with --draws how many combinations are tried",
        )
    try:
        return grid(listed)
    except ValueError as error:
        raise BadDataError(f"--try: {error}", "use --draws, or fewer values") from error


def _parse(word: str, schema: Mapping[str, Any]) -> tuple[str, Values]:
    key, _, text = word.partition("=")
    if _RANGE in text:
        low, _, high = text.partition(_RANGE)
        ends = [parse_assignments([f"{key}={end}"], schema)[key] for end in (low, high)]
        if any(isinstance(end, bool) or not isinstance(end, int | float) for end in ends):
            raise BadDataError(f"--try {word}: not a range of numbers", "name values: a,b,c")
        if ends[0] >= ends[1]:
            raise BadDataError(f"--try {word}: it ends before it begins", "write it as low..high")
        return key, Range(float(ends[0]), float(ends[1]), _step(schema, key, ends))
    return key, [parse_assignments([f"{key}={each}"], schema)[key] for each in text.split(",")]


def _step(schema: Mapping[str, Any], key: str, ends: Sequence[Any]) -> float | None:
    whole = 1.0 if all(isinstance(end, int) for end in ends) else None
    step = schema["properties"][key].get("multipleOf")
    return whole if step is None else float(step)


def _as_words(settings: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in settings.items()]
