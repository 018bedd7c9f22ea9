"""Downloads of published data sets: checksum, progress, and resume after an interruption.

A file arrives as ``NAME.part`` and is renamed once its checksum is right. Where the catalogue knows no checksum, the
SHA-256 of what came is written to ``NAME.sha256`` and holds from then on (trust on first use): it shows later damage,
not whether the first transfer was what the publisher meant.
"""

from __future__ import annotations

import errno
import http.client
import os
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from karyokit.checks import lookup, problem
from karyokit.data.catalogue import CATALOGUE, DataSet, RemoteFile
from karyokit.files import make_folder, sha256_of, write_text

Progress = Callable[[int, "int | None"], None]
"""Called with bytes so far and bytes in all (None where the server does not say)."""

_PIECE = 1 << 18
_TIMEOUT = 30.0


class DownloadError(OSError):
    """A download failed; the message names the address and what to do."""


def fetch(name: str, folder: str | os.PathLike[str], *, progress: Progress | None = None, address: str | None = None) -> list[Path]:
    """Download a data set of the catalogue into ``folder`` and return its files; files already there are verified.

    ``address`` replaces the published place, for a mirror: a folder address ending in ``/``, or the file itself where
    the set has a single file. ``ValueError`` with instructions for a set that cannot be fetched without an account;
    ``DownloadError`` for everything the network or the disk does.
    """
    entry = lookup(CATALOGUE, name, "data set")
    files = _remote_files(name, entry, address)
    target = make_folder(Path(folder))
    return [download(file, target / file.name, progress=progress) for file in files]


def _remote_files(name: str, entry: DataSet, address: str | None) -> list[RemoteFile]:
    if address is None:
        if not entry.files:
            raise ValueError(problem("name", "be a set that can be downloaded without an account", repr(name), entry.instructions))
        return list(entry.files)
    if address.endswith("/"):
        return [RemoteFile(address + file.name, file.name, file.sha256, file.size) for file in entry.files]
    if len(entry.files) > 1:
        names = ", ".join(file.name for file in entry.files)
        raise ValueError(problem("address", f"end in / for a set of several files ({names})", address, "Pass the folder's address."))
    known = entry.files[0] if entry.files else RemoteFile(address, Path(urllib.parse.urlsplit(address).path).name)
    return [RemoteFile(address, known.name, known.sha256, known.size)]


def download(file: RemoteFile, target: Path, *, progress: Progress | None = None) -> Path:
    """Download one file to ``target``, or verify the one that is there; a ``.part`` left by an earlier run is resumed."""
    if urllib.parse.urlsplit(file.address).scheme not in ("http", "https"):
        raise ValueError(problem("address", "start with http:// or https://", file.address, "Pass the address of a web server."))
    expected = file.sha256 or _remembered(target)
    if target.is_file():
        _verify(target, expected, f"{target} differs from what was published. Remove it and fetch again.")
        _remember(target, expected)
        return target
    part = target.with_name(target.name + ".part")
    _transfer(file, part, progress)
    try:
        _verify(part, expected, f"what came from {file.address} has the wrong SHA-256. It was removed; fetch again, or ask the publisher.")
    except DownloadError:
        _drop(part)
        raise
    _remember(target, expected or sha256_of(part), known=file.sha256)
    os.replace(part, target)
    _tag_path(part).unlink(missing_ok=True)
    return target


def _transfer(file: RemoteFile, part: Path, progress: Progress | None) -> None:
    """Bring ``part`` to the file's full length."""
    start = _resumable(part)
    try:
        with _open(file.address, start, _tag(part)) as response:
            start = start if response.status == 206 else 0
            _write_tag(part, response)
            total = _total(response, start, file.size)
            _require_space(part, total, start)
            done = _receive(response, part, start=start, total=total, progress=progress)
    except urllib.error.HTTPError as error:
        if error.code == 416 and start:
            _drop(part)
            return _transfer(file, part, progress)
        raise DownloadError(_refusal(file.address, error.code)) from error
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise DownloadError(f"{file.address} could not be reached or broke off ({error}). {_again(part)}") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DownloadError(f"{part}: the disk is full. Free some space and fetch again; what came is kept.") from error
        raise
    if total is not None and done != total:
        raise DownloadError(f"{file.address} broke off after {done} of {total} bytes. {_again(part)}")
    return None


def _again(part: Path) -> str:
    return f"Check the network and fetch again{'; it resumes where it stopped' if _resumable(part) else ''}."


def _refusal(address: str, code: int) -> str:
    if code in (404, 410):
        return f"{address} is no longer there (HTTP {code}). Look for the set's new address and pass it as `address`."
    if code in (401, 403):
        return f"{address} asks for an account (HTTP {code}). Download it in a browser and put it into the folder."
    return f"{address} answered with HTTP {code}. Try again later."


def _open(address: str, start: int, tag: str) -> http.client.HTTPResponse:
    headers = {"User-Agent": "karyokit", "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": tag}
    response: http.client.HTTPResponse = urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=_TIMEOUT)
    return response


def _total(response: http.client.HTTPResponse, start: int, known: int | None) -> int | None:
    length = response.headers.get("Content-Length")
    return int(length) + start if length is not None and length.isdigit() else known


def _require_space(part: Path, total: int | None, start: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if total is not None and total - start > free:
        raise OSError(errno.ENOSPC, f"{total - start} bytes are needed, {free} are free")


def _receive(response: http.client.HTTPResponse, part: Path, *, start: int, total: int | None, progress: Progress | None) -> int:
    done = start
    with part.open("ab" if start else "wb") as stream:
        while piece := response.read(_PIECE):
            stream.write(piece)
            done += len(piece)
            if progress is not None:
                progress(done, total)
    return done


def _resumable(part: Path) -> int:
    """Bytes of an earlier run that may be kept: those of a file whose version (ETag or date) is known."""
    return part.stat().st_size if part.is_file() and _tag(part) else 0


def _tag_path(part: Path) -> Path:
    return part.with_name(part.name + ".tag")


def _tag(part: Path) -> str:
    path = _tag_path(part)
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _write_tag(part: Path, response: http.client.HTTPResponse) -> None:
    tag = response.headers.get("ETag", "")
    strong = "" if tag.startswith("W/") else tag
    write_text(_tag_path(part), strong or response.headers.get("Last-Modified", ""))


def _drop(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_path(part).unlink(missing_ok=True)


def _verify(path: Path, expected: str | None, message: str) -> None:
    if expected is not None and sha256_of(path) != expected:
        raise DownloadError(message)


def _remembered(target: Path) -> str | None:
    path = target.with_name(target.name + ".sha256")
    return next(iter(path.read_text(encoding="utf-8").split()), None) if path.is_file() else None


def _remember(target: Path, digest: str | None, *, known: str | None = None) -> None:
    """Write the checksum beside the file, for sets whose checksum the catalogue does not know."""
    path = target.with_name(target.name + ".sha256")
    if known is None and not path.is_file():
        write_text(path, f"{digest or sha256_of(target)}  {target.name}\n")
