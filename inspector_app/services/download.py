"""Files from the network: only by https, resumed where they were cut, of the right size at most."""

import contextlib
import http.client
import os
import re
import shutil
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from pydantic import ValidationError

from inspector_app.domain.errors import BadDataError, DiskFullError
from inspector_app.domain.files import known_write_errors, write_text_atomically
from inspector_app.domain.hashing import BytesCallback
from inspector_app.protocol.base import Frozen

_CHUNK_BYTES = 2**16
_MAX_BYTES = 8 * 2**30
"""Where nobody says how large a file should be."""
_RESERVE_BYTES = 64 * 2**20
"""A disk that is filled to its last byte takes other programs down."""
_TIMEOUT_S = 30.0
_PARTIAL_CONTENT = 206
_RANGE_NOT_SATISFIABLE = 416
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine, macOS
)
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file comes from, and what is known of it before."""

    url: str
    size_bytes: int | None = None
    plain_http_hosts: frozenset[str] = frozenset()
    """Hosts that need no https, for servers on this computer."""


class _CutError(Exception):
    """The connection was cut, or was never made."""


class _Stamp(Frozen):
    """Of which version of which file a part is."""

    url: str
    total: int | None
    validator: str
    """A strong entity tag or a date, for If-Range (RFC 9110, 13.1.5)."""


def download(source: Source, part: Path, *, progress: BytesCallback) -> None:
    """Bring a file into `part`, going on from what is there already.

    Goes on by itself after a cut for as long as each attempt brings something. Redirects
    are followed from https to https only; the system's proxies are used.

    Raises:
        BadDataError: if the server is out of reach, refuses, or offers another size.
        DiskFullError: what was fetched so far stays.
        Exception: what `progress` raises to stop; what was fetched so far stays.
    """
    _refuse_insecure(source.url, source)
    while True:
        before = _size_of(part)
        try:
            _fetch_rest(source, part, progress)
            return
        except _CutError as cut:
            if _size_of(part) <= before:
                hint = "check the network and the proxy"
                if have := _resumable(source, part)[0]:
                    hint += f"; fetching again goes on from {have / 10**6:,.0f} MB"
                raise BadDataError(f"{source.url}: {cut}", hint) from cut.__cause__


def discard(part: Path) -> None:
    """Delete what was fetched so far."""
    part.unlink(missing_ok=True)
    _stamp_file(part).unlink(missing_ok=True)


def _fetch_rest(source: Source, part: Path, progress: BytesCallback) -> None:
    have, stamp = _resumable(source, part)
    if stamp is not None and have == stamp.total:
        return
    headers = {"Accept-Encoding": "identity", "User-Agent": "Inspector"}
    if stamp is not None:
        headers |= {"Range": f"bytes={have}-", "If-Range": stamp.validator}
    with _answer(source, headers) as answer:
        if answer is not None and _start_of(answer) in (0, have):
            _take(source, part, answer, progress)
            return
    if have == 0:
        raise BadDataError(
            f"{source.url}: the server sends a part that nobody asked for",
            "get the file another way and import it",
        )
    discard(part)
    _fetch_rest(source, part, progress)


def _take(
    source: Source, part: Path, answer: http.client.HTTPResponse, progress: BytesCallback
) -> None:
    start = _start_of(answer)
    total = _total_of(answer, start)
    _refuse_size(source, total)
    if start == 0:
        with known_write_errors(part):
            _begin(source, part, answer.headers, total)
    _refuse_full_disk(part, (total or 0) - start)
    _append(source, part, answer, total, progress)


def _append(
    source: Source,
    part: Path,
    answer: http.client.HTTPResponse,
    total: int | None,
    progress: BytesCallback,
) -> None:
    limit = source.size_bytes or total or _MAX_BYTES
    done = part.stat().st_size
    try:
        with known_write_errors(part), part.open("ab") as file:
            while chunk := _read(answer):
                done += len(chunk)
                if done > limit:
                    raise BadDataError(
                        f"{source.url}: more than the {limit:,} bytes it should have",
                        "get the file another way and import it",
                    )
                file.write(chunk)
                progress(done, total or source.size_bytes or 0)
            os.fsync(file.fileno())
    except DiskFullError as error:
        raise DiskFullError(
            error.message, f"free some space; fetching again goes on from {done / 10**6:,.0f} MB"
        ) from error
    if total is not None and done < total:
        raise _CutError(f"the connection was cut at {done:,} of {total:,} bytes")


def _read(answer: http.client.HTTPResponse) -> bytes:
    try:
        # As much as there is: a slow line must not delay the news that it is to stop.
        return answer.read1(_CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise _CutError(f"the connection was cut ({error})") from error


@contextlib.contextmanager
def _answer(source: Source, headers: dict[str, str]) -> Iterator[http.client.HTTPResponse | None]:
    """Give the server's answer; None if it has nothing after the place asked for."""
    https = urllib.request.HTTPSHandler(context=_trust())
    opener = urllib.request.build_opener(https, _SecureRedirects(source))
    request = urllib.request.Request(source.url, headers=headers)
    try:
        answer = opener.open(request, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == _RANGE_NOT_SATISFIABLE:
            yield None
            return
        raise BadDataError(
            f"{source.url}: the server answers {error.code} {error.reason}",
            "get the file another way and import it",
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise _CutError(f"cannot be reached ({_reason(error)})") from error
    with answer:
        yield answer


def _trust() -> ssl.SSLContext:
    """Return whom this computer trusts."""
    context = ssl.create_default_context()
    if not context.get_ca_certs():
        # A packaged program looks only where the system that it was built on keeps them.
        for bundle in filter(os.path.isfile, _BUNDLES):
            context.load_verify_locations(bundle)
            break
    return context


def _reason(error: Exception) -> object:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {cause.verify_message}"
    return getattr(cause, "strerror", None) or cause


class _SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https to anything else."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def redirect_request(  # noqa: PLR0917  (urllib's signature)
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _refuse_insecure(newurl, self._source)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse_insecure(url: str, source: Source) -> None:
    parts = urlsplit(url)
    is_plain_allowed = parts.scheme == "http" and parts.hostname in source.plain_http_hosts
    if parts.scheme != "https" and not is_plain_allowed:
        where = f"leads to {url}" if url != source.url else "is no https address"
        raise BadDataError(
            f"{source.url}: {where}, where anybody could change the file on its way",
            "get the file another way and import it",
        )


def _resumable(source: Source, part: Path) -> tuple[int, _Stamp | None]:
    """Return what is there of the same file and how to go on from it; 0 and None if nothing."""
    have = _size_of(part)
    try:
        stamp = _Stamp.model_validate_json(_stamp_file(part).read_bytes())
    except (OSError, ValidationError):
        return 0, None
    if have == 0 or stamp.url != source.url:
        return 0, None
    return have, stamp


def _begin(source: Source, part: Path, headers: Message, total: int | None) -> None:
    """Start the part anew, with what is needed to go on with it later."""
    discard(part)
    part.parent.mkdir(parents=True, exist_ok=True)
    part.touch()
    tag = headers.get("ETag", "")
    # Weak tags do not promise the same bytes.
    validator = headers.get("Last-Modified", "") if tag.startswith("W/") or not tag else tag
    if validator:
        stamp = _Stamp(url=source.url, total=total, validator=validator)
        write_text_atomically(_stamp_file(part), stamp.model_dump_json())


def _start_of(answer: http.client.HTTPResponse) -> int:
    """Return from which byte on the server sends."""
    if answer.status != _PARTIAL_CONTENT:
        return 0
    found = _CONTENT_RANGE.match(answer.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _total_of(answer: http.client.HTTPResponse, start: int) -> int | None:
    """Return how large the whole file is, None if the server does not say."""
    length = answer.headers.get("Content-Length", "")
    return start + int(length) if length.isdecimal() else None


def _refuse_size(source: Source, total: int | None) -> None:
    if source.size_bytes is not None and total not in (None, source.size_bytes):
        raise BadDataError(
            f"{source.url}: the server offers {total:,} bytes, "
            f"the published file has {source.size_bytes:,}",
            "get the file another way and import it",
        )
    if total is not None and total > _MAX_BYTES:
        raise BadDataError(
            f"{source.url}: the server offers {total / 10**9:,.0f} GB", "this cannot be weights"
        )


def _refuse_full_disk(part: Path, missing_bytes: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if free < missing_bytes + _RESERVE_BYTES:
        raise DiskFullError(
            f"{part.parent}: {missing_bytes / 10**6:,.0f} MB are still to be fetched, "
            f"{free / 10**6:,.0f} MB are free",
            "free some space and fetch again",
        )


def _size_of(part: Path) -> int:
    try:
        return part.stat().st_size
    except OSError:
        return 0


def _stamp_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")
