"""Words to the numbers that CLIP's text encoder was trained with (byte-pair encoding).

Sennrich et al. 2016 (arXiv 1508.07909), on bytes; the merges are CLIP's published file, whose
first line is a comment and of which 48,894 lines are used.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path

import torch
from torch import Tensor

from inspector_app.domain.errors import MissingWeightsError

CONTEXT = 77
"""Numbers that one text has room for, its two ends included."""
_MERGES = 48_894
_END = "</w>"
_PIECES = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:_|[^\w\s])+", re.IGNORECASE)
_PRINTABLE = (range(33, 127), range(161, 173), range(174, 256))
"""Bytes that stand for themselves; the others follow from 256 on."""


class Tokenizer:
    """Numbers of texts."""

    def __init__(self, merges: Sequence[tuple[str, str]]) -> None:
        letters = _letters()
        self._letters = dict(letters)
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        plain = [letter for _, letter in letters]
        words = [*plain, *(f"{letter}{_END}" for letter in plain), *map("".join, merges)]
        self._numbers: Mapping[str, int] = {word: number for number, word in enumerate(words)}
        self._first, self._last = len(words), len(words) + 1

    @classmethod
    def read(cls, path: Path) -> "Tokenizer":
        """Read CLIP's file of merges.

        Raises:
            MissingWeightsError: if it is no such file.
        """
        try:
            lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
            pairs = [(first, second) for first, second in map(str.split, lines[1 : _MERGES + 1])]
        except (OSError, ValueError, EOFError, zlib.error) as error:
            raise MissingWeightsError(
                f"{path}: no file of CLIP's word parts", "get it from its source again"
            ) from error
        return cls(pairs)

    def numbers(self, texts: Sequence[str]) -> Tensor:
        """Return the numbers of each text, begin and end among them, (N, 77) int64; 0 fills up."""
        rows = torch.zeros(len(texts), CONTEXT, dtype=torch.int64)
        for row, text in zip(rows, texts, strict=True):
            inner = list(self._encode(text))[: CONTEXT - 2]
            numbers = [self._first, *inner, self._last]
            row[: len(numbers)] = torch.tensor(numbers)
        return rows

    def _encode(self, text: str) -> Iterator[int]:
        clean = " ".join(text.lower().split())
        for piece in _PIECES.findall(clean):
            letters = [self._letters[byte] for byte in piece.encode("utf-8")]
            yield from (self._numbers[part] for part in self._merge(letters))

    def _merge(self, letters: list[str]) -> list[str]:
        parts = [*letters[:-1], f"{letters[-1]}{_END}"]
        while known := [pair for pair in pairwise(parts) if pair in self._ranks]:
            parts = _joined(parts, min(known, key=self._ranks.__getitem__))
        return parts


def _joined(parts: Sequence[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    place = 0
    while place < len(parts):
        is_pair = tuple(parts[place : place + 2]) == pair
        joined.append("".join(pair) if is_pair else parts[place])
        place += 2 if is_pair else 1
    return joined


def _letters() -> list[tuple[int, str]]:
    """Return each byte with the letter that stands for it in the file, in the file's order."""
    printable = list(chain.from_iterable(_PRINTABLE))
    others = [byte for byte in range(256) if byte not in printable]
    return [(byte, chr(byte)) for byte in printable] + [
        (byte, chr(256 + place)) for place, byte in enumerate(others)
    ]
