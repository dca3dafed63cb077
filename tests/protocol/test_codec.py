"""Lines to messages, and what is no message."""

import json
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from inspector_app.protocol.codec import (
    LineBuffer,
    ProtocolError,
    decode_command,
    decode_event,
    encode,
)
from inspector_app.protocol.messages import Cancel, Heartbeat, Progress, Segment

DECODERS = [decode_command, decode_event]
decoders = pytest.mark.parametrize("decode", DECODERS)


def test_that_a_message_is_one_line_whatever_it_holds() -> None:
    line = encode(Cancel(job_id="two\nlines\u2028and 刮痕"))
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert decode_command(line) == Cancel(job_id="two\nlines\u2028and 刮痕")


def test_that_messages_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Cancel(job_id="a").job_id = "b"


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_that_numbers_json_cannot_hold_are_refused_before_they_are_sent(number: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Progress(job_id="a", done=1, total=2, seconds_left=number)


REFUSED = {
    "no JSON": b"Downloading: 100%",
    "half a message": b'{"type":"cancel","job_id":"a"',
    "not UTF-8": b'{"type":"cancel","job_id":"\xff"}',
    "a list": b"[]",
    "no type": b'{"job_id":"a"}',
    "unknown type": b'{"type":"format_disk"}',
    "a field too many": b'{"type":"cancel","job_id":"a","force":true}',
    "a field too few": b'{"type":"cancel"}',
    "a number for a text": b'{"type":"cancel","job_id":7}',
    "a text for a number": b'{"type":"heartbeat","busy":true,"memory_mb":"512"}',
    "a fraction for a whole number": b'{"type":"heartbeat","busy":true,"memory_mb":1.5}',
    "a number for yes or no": b'{"type":"heartbeat","busy":1,"memory_mb":5}',
    "not a number": b'{"type":"progress","job_id":"a","done":1,"total":2,"seconds_left":NaN}',
    "a box of three": b'{"type":"segment","request_id":1,"image_path":"a","box":[1,2,3]}',
    "deep nesting": b"[" * 100_000,
    "nothing": b"",
}


@decoders
@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED.keys())
def test_that_what_is_no_message_is_refused_with_its_beginning(
    line: bytes, decode: Callable[[bytes], object]
) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode(line)
    assert repr(line[:200]) in str(caught.value)
    assert len(str(caught.value)) < 1500


@decoders
@given(line=st.binary(max_size=60))
def test_that_any_bytes_are_a_message_or_refused(
    line: bytes, decode: Callable[[bytes], object]
) -> None:
    with pytest.raises(ProtocolError):
        decode(line)


def test_that_the_complaint_says_where_the_fault_is() -> None:
    points = [{"x": 1, "y": 2, "label": 1}, {"x": 1, "y": 2, "label": 3}]
    message = {"type": "segment", "request_id": 1, "image_path": "a", "points": points}
    with pytest.raises(ProtocolError, match=r"at segment\.points\.1\.label"):
        decode_command(json.dumps(message).encode())


def test_that_a_command_is_no_event() -> None:
    with pytest.raises(ProtocolError):
        decode_event(encode(Cancel(job_id="a")))
    with pytest.raises(ProtocolError):
        decode_command(encode(Heartbeat(busy=True, memory_mb=1)))


def test_that_prompts_may_be_left_out() -> None:
    decoded = decode_command(b'{"type":"segment","request_id":1,"image_path":"a"}')
    assert decoded == Segment(request_id=1, image_path="a", points=(), box=None)


# ---- lines from a stream


@given(st.lists(st.binary(max_size=12)), st.data())
def test_that_any_chunking_gives_the_same_lines(pieces: list[bytes], data: st.DataObject) -> None:
    stream = b"\n".join(pieces) + b"\n"
    expected = [line for line in stream.split(b"\n") if line.strip()]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    buffer = LineBuffer()
    lines: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        lines += buffer.feed(stream[start:end])
    assert lines == expected


def test_that_half_a_line_waits_for_its_rest() -> None:
    buffer = LineBuffer()
    assert buffer.feed(b'{"type":') == []
    assert buffer.feed(b'"release_models"}') == []
    assert buffer.feed(b"\n\n  \n") == [b'{"type":"release_models"}']


@pytest.mark.parametrize("chunks", [[b"x" * 11], [b"x" * 6, b"x" * 6], [b"ok\n" + b"x" * 11]])
def test_that_an_endless_line_is_refused(chunks: list[bytes]) -> None:
    buffer = LineBuffer(max_line_bytes=10)
    with pytest.raises(ProtocolError, match="more than 10 bytes"):
        for chunk in chunks:
            buffer.feed(chunk)


def test_that_a_line_of_just_the_limit_is_taken() -> None:
    buffer = LineBuffer(max_line_bytes=10)
    assert buffer.feed(b"x" * 10) == []
    assert buffer.feed(b"\n") == [b"x" * 10]
