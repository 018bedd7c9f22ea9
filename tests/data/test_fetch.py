from __future__ import annotations

import hashlib
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from karyokit.data import fetch as fetching
from karyokit.data.catalogue import CATALOGUE, DataSet, RemoteFile
from karyokit.data.fetch import DownloadError, download, fetch

BODY = bytes(range(256)) * 4000
DIGEST = hashlib.sha256(BODY).hexdigest()


class _Server(ThreadingHTTPServer):
    """Serves BODY at any path but /missing..., with knobs for what goes wrong; notes the ranges asked for."""

    daemon_threads = True
    body = BODY
    ranges = True
    etag = '"1"'
    stop_after = 0
    code = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        server, wanted = self.server, self.headers.get("Range", "")
        server.asked.append(wanted)
        if "missing" in self.path or server.code != 200:
            return self.send_error(404 if "missing" in self.path else server.code)
        start = int(wanted[6:-1]) if wanted and server.ranges and self.headers.get("If-Range") == server.etag else 0
        if start >= len(server.body):
            return self.send_error(416)
        piece = server.body[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(piece)))
        if server.etag:
            self.send_header("ETag", server.etag)
        self.end_headers()
        self.wfile.write(piece[: server.stop_after or None])
        return None

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output quiet."""


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def _address(server: _Server, name: str = "a.bin") -> str:
    return f"http://127.0.0.1:{server.server_port}/{name}"


def test_plain_download_with_progress(server: _Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = download(
        RemoteFile(_address(server), "a.bin", DIGEST), tmp_path / "a.bin", progress=lambda done, total: seen.append((done, total))
    )
    assert path.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.bin"]


def test_second_call_verifies_and_asks_nothing(server: _Server, tmp_path: Path) -> None:
    file = RemoteFile(_address(server), "a.bin", DIGEST)
    download(file, tmp_path / "a.bin")
    download(file, tmp_path / "a.bin")
    assert len(server.asked) == 1
    (tmp_path / "a.bin").write_bytes(b"damaged")
    with pytest.raises(DownloadError, match=r"differs from what was published. Remove it"):
        download(file, tmp_path / "a.bin")


def test_interrupted_transfer_resumes(server: _Server, tmp_path: Path) -> None:
    file = RemoteFile(_address(server), "a.bin", DIGEST)
    server.stop_after = 300_000
    with pytest.raises(DownloadError, match="it resumes where it stopped"):
        download(file, tmp_path / "a.bin")
    kept = (tmp_path / "a.bin.part").stat().st_size
    assert 0 < kept < len(BODY)
    assert not (tmp_path / "a.bin").exists()
    server.stop_after = 0
    assert download(file, tmp_path / "a.bin").read_bytes() == BODY
    assert server.asked == ["", f"bytes={kept}-"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.bin"]


def test_a_file_that_changed_meanwhile_starts_over(server: _Server, tmp_path: Path) -> None:
    file = RemoteFile(_address(server), "a.bin")
    server.stop_after = 300_000
    with pytest.raises(DownloadError):
        download(file, tmp_path / "a.bin")
    server.stop_after, server.etag, server.body = 0, '"2"', BODY[::-1]
    assert download(file, tmp_path / "a.bin").read_bytes() == BODY[::-1]


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"', ""])
def test_server_without_ranges_starts_over(server: _Server, tmp_path: Path, etag: str) -> None:
    file = RemoteFile(_address(server), "a.bin", DIGEST)
    server.stop_after, server.ranges, server.etag = 300_000, False, etag
    with pytest.raises(DownloadError, match="broke off"):
        download(file, tmp_path / "a.bin")
    server.stop_after = 0
    assert download(file, tmp_path / "a.bin").read_bytes() == BODY


def test_complete_part_is_fetched_anew_when_the_server_refuses_the_range(server: _Server, tmp_path: Path) -> None:
    (tmp_path / "a.bin.part").write_bytes(BODY + b"too long")
    (tmp_path / "a.bin.part.tag").write_text('"1"')
    assert download(RemoteFile(_address(server), "a.bin", DIGEST), tmp_path / "a.bin").read_bytes() == BODY


def test_wrong_checksum_removes_what_came(server: _Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"wrong SHA-256. It was removed"):
        download(RemoteFile(_address(server), "a.bin", "0" * 64), tmp_path / "a.bin")
    assert list(tmp_path.iterdir()) == []


def test_unknown_checksum_is_trusted_on_first_use(server: _Server, tmp_path: Path) -> None:
    file = RemoteFile(_address(server), "a.bin")
    download(file, tmp_path / "a.bin")
    assert (tmp_path / "a.bin.sha256").read_text() == f"{DIGEST}  a.bin\n"
    download(file, tmp_path / "a.bin")
    (tmp_path / "a.bin").unlink()
    server.body = BODY[::-1]
    with pytest.raises(DownloadError, match="wrong SHA-256"):
        download(file, tmp_path / "a.bin")


@pytest.mark.parametrize(("code", "message"), [(404, "no longer there"), (403, "asks for an account"), (500, "Try again later")])
def test_refusals(server: _Server, tmp_path: Path, code: int, message: str) -> None:
    server.code = code
    with pytest.raises(DownloadError, match=message):
        download(RemoteFile(_address(server), "a.bin"), tmp_path / "a.bin")


def test_no_network(tmp_path: Path) -> None:
    with _Server() as gone:
        address = _address(gone)
    with pytest.raises(DownloadError, match=r"could not be reached.*Check the network"):
        download(RemoteFile(address, "a.bin"), tmp_path / "a.bin")


def test_full_disk(server: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(DownloadError, match=r"the disk is full. Free some space"):
        download(RemoteFile(_address(server), "a.bin"), tmp_path / "a.bin")


def test_other_disk_errors_pass(server: _Server, tmp_path: Path) -> None:
    (tmp_path / "a.bin.part").mkdir()
    with pytest.raises(IsADirectoryError):
        download(RemoteFile(_address(server), "a.bin"), tmp_path / "a.bin")


def test_only_web_addresses(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`address` must start with http"):
        download(RemoteFile("file:///etc/hostname", "a"), tmp_path / "a")


def test_fetch_a_set_of_files_from_a_mirror(server: _Server, tmp_path: Path) -> None:
    files = fetch("pommier", tmp_path / "pommier", address=_address(server, "mirror/"))
    assert [path.name for path in files] == ["DAPI.tif", "Cy3.tif"]
    assert all(path.read_bytes() == BODY for path in files)
    with pytest.raises(ValueError, match="`address` must end in /"):
        fetch("pommier", tmp_path, address=_address(server))
    (single,) = fetch("pairs", tmp_path / "pairs", address=_address(server, "copy.h5"))
    assert single.name == "LowRes_13434_overlapping_pairs.h5"
    (manual,) = fetch("autokary2022", tmp_path / "auto", address=_address(server, "auto.zip?key=1"))
    assert manual.name == "auto.zip"


def test_fetch_from_the_published_address(server: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = DataSet("a", "1", "none", "a", ("a.bin",), files=(RemoteFile(_address(server), "a.bin", DIGEST, len(BODY)),))
    monkeypatch.setitem(CATALOGUE, "made-up", entry)
    assert [path.name for path in fetch("made-up", tmp_path)] == ["a.bin"]


def test_fetch_needs_a_known_name_and_a_published_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Did you mean 'mfish'"):
        fetch("mfisch", tmp_path)
    with pytest.raises(ValueError, match=re.escape("www.kaggle.com/datasets/jeanpat")):
        fetch("pairs-cleaned", tmp_path)
    with pytest.raises(ValueError, match="without an account"):
        fetch("gband_cells", tmp_path)
    assert fetching.DownloadError is DownloadError
