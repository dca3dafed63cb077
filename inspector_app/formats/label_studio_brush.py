"""Label Studio's brush strokes: run lengths packed bit by bit.

The packing is that of rle-pack, whose format https://www.npmjs.com/package/@thi.ng/rle-pack
describes: 32 bits for the number of words, 5 for the size of a word, 4 × 4 for the sizes of a
count; then groups of one flag, two bits that choose the size of the count, the count, and one
repeated word (flag 1) or that many words (flag 0). Sizes and counts are stored less one. The
words are the bytes of an RGBA image row by row; where alpha is not 0, the brush has been.
"""

import numpy as np
from numpy.typing import NDArray

_HEADER_BYTES = 7
_HEADER_BITS = 32 + 5 + 4 * 4
_WORD_BITS = 8
_CHANNELS = 4
_LONGEST_FIELD_BYTES = 5
"""Flag, choice, count of up to 16 bits and a word, wherever in a byte they start."""


def brush_pixels(data: bytes, *, width: int, height: int) -> NDArray[np.bool_]:
    """Return the (height, width) pixels of a brush stroke.

    Raises:
        ValueError: if it is none for an image of this size, before memory is taken for it.
    """
    if len(data) < _HEADER_BYTES:
        raise ValueError("the brush's pixels are cut off")
    header = int.from_bytes(data[:_HEADER_BYTES]) >> (8 * _HEADER_BYTES - _HEADER_BITS)
    count_bits = [(header >> shift & 15) + 1 for shift in (12, 8, 4, 0)]
    word_bits = (header >> 16 & 31) + 1
    if word_bits != _WORD_BITS:
        raise ValueError(f"the brush's pixels have {word_bits} bits instead of {_WORD_BITS}")
    word_count = header >> 21
    if word_count != width * height * _CHANNELS:
        raise ValueError(f"the brush's pixels are not those of {width}×{height} px")
    words = _unpacked(data, word_count, count_bits)
    alpha = words.reshape(height, width, _CHANNELS)[:, :, _CHANNELS - 1]
    return np.ascontiguousarray(alpha)


def _unpacked(data: bytes, word_count: int, count_bits: list[int]) -> NDArray[np.bool_]:
    """Return which of the words are not 0."""
    words = np.zeros(word_count, np.bool_)
    done, position = 0, _HEADER_BITS
    end = len(data) * 8
    while done < word_count:
        if position + 3 > end:
            raise ValueError("the brush's pixels are cut off")
        # One look at a few bytes instead of one for each field: there are millions of groups.
        start = position >> 3
        window = int.from_bytes(data[start : start + _LONGEST_FIELD_BYTES].ljust(5, b"\0"))
        rest = 8 * _LONGEST_FIELD_BYTES - (position & 7)
        size = count_bits[window >> (rest - 3) & 3]
        is_run = window >> (rest - 1) & 1
        rest -= 3 + size
        count = (window >> rest & ((1 << size) - 1)) + 1
        position += 3 + size
        stop = done + count
        used_bits = _WORD_BITS if is_run else _WORD_BITS * count
        if stop > word_count or position + used_bits > end:
            raise ValueError("the brush's pixels are cut off")
        if is_run:
            words[done:stop] = (window >> (rest - _WORD_BITS) & 255) != 0
        else:
            words[done:stop] = _plain_words(data, position, count) != 0
        done, position = stop, position + used_bits
    return words


def _plain_words(data: bytes, position: int, count: int) -> NDArray[np.uint8]:
    """Return words that start at any bit."""
    first, shift = position >> 3, position & 7
    if not shift:
        return np.frombuffer(data, np.uint8, count, first)
    pairs = np.frombuffer(data, np.uint8, count + 1, first).astype(np.uint16)
    shifted = (pairs[:-1] << 8 | pairs[1:]) >> (8 - shift) & 255
    return shifted.astype(np.uint8)
