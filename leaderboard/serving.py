"""Show a built site on this machine alone: files of one folder, whole or in ranges, and nothing else."""

from __future__ import annotations

import re
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar, cast

from tabbench_leaderboard.writing import MARKER

from tabbench.errors import TabbenchError

if TYPE_CHECKING:
    from io import BufferedReader

HOST = "127.0.0.1"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


class ServingError(TabbenchError):
    """The site cannot be shown."""


def check_site(folder: Path) -> None:
    """Refuse a folder that was not built here: whatever lies in it would be shown.

    Raises:
        ServingError: If there is no such folder, or it has no marker.
    """
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise ServingError(f"There is no folder {folder}. Build a site: tabbench site build -o {folder}")
    if not (folder / MARKER).is_file():
        raise ServingError(
            f"{folder} is not a site built by tabbench (it has no {MARKER}), so it is not shown. Build one: "
            "tabbench site build -o DIR"
        )


def site_server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """A server of a folder on loopback; `serve_forever` it.

    Args:
        folder: A built site, or a folder above one: all files in it are shown.
        port: 0 for any that is free.

    Raises:
        ServingError: If the port is taken.
    """
    folder = folder.expanduser().resolve()

    class OfThisFolder(_Files):
        root = folder

    try:
        return ThreadingHTTPServer((HOST, port), OfThisFolder)
    except OSError as error:
        raise ServingError(f"Port {port} cannot be used: {error.strerror}. Give another with --port.") from error


class _Files(SimpleHTTPRequestHandler):
    """Files with ranges; no lists of folders, no other host's name, nothing outside the folder."""

    root: ClassVar[Path]
    protocol_version = "HTTP/1.1"

    def send_head(self) -> BinaryIO | None:
        """The file asked for, at the place where reading begins; None after an error was sent."""
        self.left: int | None = None
        # A page of another site may not read this one by pointing its own name here.
        if (self.headers.get("Host") or "").rpartition(":")[0] not in (HOST, "localhost"):
            self.send_error(HTTPStatus.FORBIDDEN)
            return None
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() and self.path.partition("?")[0].endswith("/") else path
        if not path.resolve().is_relative_to(self.root) or not path.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        size = path.stat().st_size
        wanted = self._wanted(size)
        if wanted is None:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        first, end = wanted
        is_part = "Range" in self.headers
        self.send_response(HTTPStatus.PARTIAL_CONTENT if is_part else HTTPStatus.OK)
        if is_part:
            self.send_header("Content-Range", f"bytes {first}-{end - 1}/{size}")
        self.send_header("Content-Type", TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(end - first))
        self.end_headers()
        file = path.open("rb")
        file.seek(first)
        self.left = end - first
        return file

    def _wanted(self, size: int) -> tuple[int, int] | None:
        """First byte and the one after the last; None if the file has none of them."""
        header = self.headers.get("Range")
        if header is None:
            return 0, size
        found = _RANGE.match(header.replace(" ", ""))
        if found is None or not (found[1] or found[2]):
            return None
        if not found[1]:
            return (max(size - int(found[2]), 0), size) if int(found[2]) and size else None
        first, end = int(found[1]), min(int(found[2] or size), size - 1) + 1
        return (first, end) if first < end else None

    def copyfile(self, source: BufferedReader, outputfile: BinaryIO) -> None:  # type: ignore[override]
        """Send what is left to send."""
        left = cast("int", self.left)
        while left > 0 and (block := source.read(min(left, 1 << 18))):
            outputfile.write(block)
            left -= len(block)

    def translate_path(self, path: str) -> str:
        """The file that a path names, below the root."""
        self.directory = str(self.root)
        return super().translate_path(path)

    def end_headers(self) -> None:
        """What every answer says."""
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Requests are nobody's news."""
