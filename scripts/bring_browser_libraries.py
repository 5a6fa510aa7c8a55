"""Bring the site's browser libraries from npm, pinned and checked; or check those that are here.

python scripts/bring_browser_libraries.py           fetch, check, write into leaderboard/scripts/vendor
python scripts/bring_browser_libraries.py --check   compare what is there with what is pinned, byte by byte
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[1] / "leaderboard" / "scripts" / "vendor"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a file differs from its release")
    check = parser.parse_args().check
    differing = []
    for library in yaml.safe_load((FOLDER / "libraries.yaml").read_text(encoding="utf-8")):
        for name, content in released_files(library).items():
            path = FOLDER / name
            if not path.is_file() or _held(path) != content:
                differing.append(name)
                if not check:
                    is_packed = path.suffix == ".gz"
                    path.write_bytes(gzip.compress(content, 9, mtime=0) if is_packed else content)
    print(f"{'differ' if check else 'written'}: {', '.join(differing) or 'none'}")
    return int(check and bool(differing))


def released_files(library: dict[str, Any]) -> dict[str, bytes]:
    """The wanted files of a release by the name they get here; stops where the archive is not the one pinned."""
    spec = f"{library['name']}@{library['version']}"
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", folder, spec]
        subprocess.run(command, check=True, timeout=300, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        digest = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != library["integrity"]:
            sys.exit(f"{spec} is not the release that is pinned: {digest}, not {library['integrity']}.")
        with tarfile.open(archive) as tar:
            return {here: _content(tar, f"package/{there}") for there, here in library["files"].items()}


def _held(path: Path) -> bytes:
    """What a file here holds; `.gz` are packed here, not in the release."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        sys.exit(f"{name} is no file of the archive.")
    return file.read()


if __name__ == "__main__":
    sys.exit(main())
