"""Packs bytes as Label Studio's brush does; see `label_studio_brush` for the format."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np

_COUNT_BITS = (3, 4, 8, 16)


def packed(words: np.ndarray) -> bytes:
    sizes = "".join(f"{bits - 1:04b}" for bits in _COUNT_BITS)
    text = f"{len(words):032b}{8 - 1:05b}{sizes}{''.join(_groups(words.tolist()))}"
    text += "0" * (-len(text) % 8)
    return bytes(int(text[start : start + 8], 2) for start in range(0, len(text), 8))


def _groups(words: list[int]) -> Iterator[str]:
    """Runs of equal words, and chunks of words that differ from their neighbours."""
    chunk: list[int] = []
    for word, equal in groupby(words):
        count = len(list(equal))
        if count == 1:
            chunk.append(word)
            continue
        yield from _chunks(chunk)
        chunk = []
        for start in range(0, count, 2**16):
            yield f"1{_count(min(count - start, 2**16))}{word:08b}"
    yield from _chunks(chunk)


def _chunks(words: list[int]) -> Iterator[str]:
    for start in range(0, len(words), 2**16):
        part = words[start : start + 2**16]
        yield f"0{_count(len(part))}{''.join(f'{word:08b}' for word in part)}"


def _count(count: int) -> str:
    choice = next(index for index, bits in enumerate(_COUNT_BITS) if count <= 2**bits)
    return f"{choice:02b}{count - 1:0{_COUNT_BITS[choice]}b}"
