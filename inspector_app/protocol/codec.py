"""Messages to lines and back."""

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from inspector_app.protocol.base import Frozen
from inspector_app.protocol.messages import Command, Event

Message = TypeVar("Message")

_COMMANDS: TypeAdapter[Command] = TypeAdapter(Command)
_EVENTS: TypeAdapter[Event] = TypeAdapter(Event)


class ProtocolError(Exception):
    """A line is no message of this protocol."""


def encode(message: Frozen) -> bytes:
    """Return the message as one line of UTF-8 JSON, newline included."""
    return message.model_dump_json().encode("utf-8") + b"\n"


def decode_command(line: bytes) -> Command:
    """Return the command.

    Raises:
        ProtocolError: with the line's beginning, if it is none.
    """
    return _decode(_COMMANDS, line)


def decode_event(line: bytes) -> Event:
    """Return the event.

    Raises:
        ProtocolError: with the line's beginning, if it is none.
    """
    return _decode(_EVENTS, line)


def _decode(adapter: TypeAdapter[Message], line: bytes) -> Message:
    try:
        return adapter.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ProtocolError(f"{first['msg']} at {where or 'top'}: {line[:200]!r}") from error


class LineBuffer:
    """Cuts a byte stream into whole lines; a half line waits for its rest."""

    def __init__(self, *, max_line_bytes: int = 256 * 1024 * 1024) -> None:
        self._tail = bytearray()
        self._max_line_bytes = max_line_bytes

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that are complete now, without their newlines.

        Raises:
            ProtocolError: if a line grows past the limit; the other side is not speaking it.
        """
        if b"\n" not in chunk:
            self._tail += chunk
            self._refuse_endless_line()
            return []
        self._tail += chunk
        *lines, rest = bytes(self._tail).split(b"\n")
        self._tail = bytearray(rest)
        self._refuse_endless_line()
        return [line for line in lines if line.strip()]

    def _refuse_endless_line(self) -> None:
        if len(self._tail) > self._max_line_bytes:
            raise ProtocolError(f"a line of more than {self._max_line_bytes} bytes")
