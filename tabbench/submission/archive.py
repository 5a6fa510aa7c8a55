"""Open a bundle of a stranger: every member's name, kind and size is looked at before a byte of it is read."""

from __future__ import annotations

import stat
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.cache.documents import from_json
from tabbench.discovery import is_model_name
from tabbench.errors import DataError
from tabbench.results import SCHEMA_VERSION
from tabbench.submission.bundle import (
    CONTENTS,
    FORMAT,
    MOST_LINE_BYTES,
    MOST_MEMBERS,
    MOST_TEXT_BYTES,
    MOST_TIMES_LARGER,
    TABLES,
    BundleError,
    Contents,
    document_member,
    is_job_id,
    is_member_name,
    predictions_member,
    printable,
    source_member,
    trials_member,
)
from tabbench.submission.typed_rows import TrialLine, WrongRowError, parse_line, trial_line, typed_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from tabbench.submission.bundle import SubmittedModel

DAMAGE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What reading a damaged zip file may raise."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """An open bundle. Rows come out typed, or a BundleError says which line is none."""

    path: Path
    archive: zipfile.ZipFile
    contents: Contents

    def table(self, table: str) -> list[Any]:
        """The rows of a small table."""
        member = document_member(table)
        return [self._row(member, n, text, TABLES[table]) for n, text in self._lines(member)]

    def trials(self, job_id: str) -> Iterator[TrialLine]:
        """The trials of a job, one after another."""
        member = trials_member(job_id)
        for n, text in self._lines(member):
            try:
                yield trial_line(parse_line(text))
            except WrongRowError as error:
                raise BundleError(f"{self.path}: {member}, line {n}: {error}.") from error

    @contextmanager
    def predictions(self, job_id: str) -> Iterator[Callable[[int], NDArray[np.float32] | None]]:
        """Yields `take(n)`: the next n numbers that trials of a job predicted, None where fewer are left."""
        name = predictions_member(job_id)
        if name not in self.archive.NameToInfo:
            yield lambda n: None
            return
        with self.archive.open(name) as file:

            def take(n: int) -> NDArray[np.float32] | None:
                with reading(self.path):
                    data = file.read(4 * n)
                return np.frombuffer(data, dtype="<f4") if len(data) == 4 * n else None

            yield take
            with reading(self.path):
                file.read(1)  # at its end the sum over all bytes is checked

    def n_predicted(self, job_id: str) -> int:
        """Numbers that are kept for a job, by what the archive claims."""
        info = self.archive.NameToInfo.get(predictions_member(job_id))
        return 0 if info is None else info.file_size // 4

    def source(self, model: SubmittedModel) -> dict[str, bytes]:
        """A model's source files by name, as bytes; they are not run."""
        return {file: self._read(source_member(model.name, file)) for file in model.files}

    def _row(self, member: str, n: int, text: bytes, row_type: type) -> Any:
        try:
            return typed_row(row_type, parse_line(text))
        except WrongRowError as error:
            raise BundleError(f"{self.path}: {member}, line {n}: {error}.") from error

    def _lines(self, member: str) -> Iterator[tuple[int, bytes]]:
        with reading(self.path), self.archive.open(member) as file:
            n = 0
            while text := file.readline(MOST_LINE_BYTES + 1):
                n += 1
                if len(text) > MOST_LINE_BYTES or not text.endswith(b"\n"):
                    raise BundleError(f"{self.path}: {member}, line {n} is too long or has no end.")
                yield n, text

    def _read(self, member: str) -> bytes:
        with reading(self.path):
            return self.archive.read(member)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say of what goes wrong in a zip file which file it is.

    Raises:
        BundleError: In place of it.
    """
    try:
        yield
    except DAMAGE as error:
        raise BundleError(f"{path} cannot be read as a bundle: {printable(error)}. Copy or export it again.") from error


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """A bundle, once all that it claims to hold has been looked at.

    Raises:
        BundleError: If it is none, or has a member that no bundle has, or claims to be larger than one can be.
    """
    with reading(path):
        archive = zipfile.ZipFile(path)
    with archive:
        _check_members(archive.infolist(), path)
        with reading(path):
            contents = _contents(archive, path)
        _check_contents(contents, archive, path)
        yield Bundle(path, archive, contents)


def _check_members(members: list[zipfile.ZipInfo], path: Path) -> None:
    if len(members) > MOST_MEMBERS:
        raise BundleError(f"{path} has {len(members):,} files; a bundle has at most {MOST_MEMBERS:,}.")
    for member in members:
        shown = printable(member.filename, 80)
        if not is_member_name(member.orig_filename):
            raise BundleError(f"{path}: {shown!r} is no part of a bundle. Nothing was read.")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise BundleError(f"{path}: {shown!r} is a link or device, not a file. Nothing was read.")
        if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BundleError(f"{path}: {shown!r} is encrypted, or compressed by other than deflate.")
    if len({member.filename for member in members}) < len(members):
        raise BundleError(f"{path}: a file stands twice in it.")
    claimed, size = sum(member.file_size for member in members), path.stat().st_size
    if claimed > MOST_TIMES_LARGER * size or sum(member.compress_size for member in members) > size:
        raise BundleError(f"{path} has {size:,} bytes and claims to hold {claimed:,}. Nothing was read.")


def _contents(archive: zipfile.ZipFile, path: Path) -> Contents:
    info = archive.NameToInfo.get(CONTENTS)
    if info is None or info.file_size > MOST_TEXT_BYTES:
        raise BundleError(f"{path} is no bundle of tabbench: it has no {CONTENTS}. Make one: tabbench submit export")
    try:
        contents = from_json(Contents, archive.read(CONTENTS), f"{path}: {CONTENTS}")
    except DataError as error:
        raise BundleError(printable(error, 400)) from error
    if contents.format != FORMAT or contents.schema_version != SCHEMA_VERSION:
        raise BundleError(
            f"{path} has format {contents.format} with rows of schema {contents.schema_version}; this release reads "
            f"{FORMAT} with {SCHEMA_VERSION}. Export it again from its store with this release: stores are upgraded."
        )
    return contents


def _check_contents(contents: Contents, archive: zipfile.ZipFile, path: Path) -> None:
    wrong = [job for job in contents.jobs if not is_job_id(job)]
    wrong += [model.name for model in contents.models if not is_model_name(model.name) or not model.files]
    if wrong or not contents.jobs or not contents.models:
        what = printable(wrong[0], 80) if wrong else "nothing"
        raise BundleError(f"{path}: {CONTENTS} names {what!r}; it must name jobs, and models with their files.")
    names = [*contents.jobs, *(model.name for model in contents.models)]
    if len(set(names)) < len(names):
        raise BundleError(f"{path}: {CONTENTS} names a job or a model twice.")
    wanted, found = contents.members, archive.NameToInfo
    odd = sorted(wanted.keys() - found.keys())
    odd += sorted(found.keys() - wanted.keys() - {predictions_member(job) for job in contents.jobs})
    if odd:
        why = "absent" if odd[0] in wanted else "not a part of it"
        raise BundleError(f"{path} is no whole bundle: {printable(odd[0], 80)} is {why}.")
    for name, most in wanted.items():
        if found[name].file_size > most:
            raise BundleError(f"{path}: {name} claims {found[name].file_size:,} bytes; at most {most:,} are read.")
