from pathlib import Path

import pytest
from tabbench_leaderboard.writing import MARKER, SiteFolderError, write_site

FILES = {"index.html": b"one", "tasks/a.html": b"two"}


def files_below(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_earlier_site_is_replaced_and_nothing_of_it_remains(tmp_path: Path) -> None:
    write_site({"index.html": b"old", "tasks/gone.html": b"old"}, tmp_path / "site", {})
    write_site(FILES, tmp_path / "site", {"suite": "s"})
    found = files_below(tmp_path / "site")
    assert {k: v for k, v in found.items() if k != MARKER} == FILES
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_site(FILES, tmp_path / name, {"suite": "s", "built_by": "tabbench"})
    assert files_below(tmp_path / "a") == files_below(tmp_path / "b")


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SiteFolderError, match="not a site built by tabbench"):
        write_site(FILES, tmp_path, {})
    assert files_below(tmp_path) == {"thesis.txt": b"years of work"}


def test_a_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a file")
    with pytest.raises(SiteFolderError, match="is a file"):
        write_site(FILES, tmp_path / "site", {})
    assert (tmp_path / "site").read_text() == "a file"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    write_site(FILES, tmp_path / "site", {})
    assert (tmp_path / "site/index.html").read_text() == "one"


def test_a_site_that_cannot_be_written_leaves_the_earlier_one(tmp_path: Path) -> None:
    write_site(FILES, tmp_path / "site", {})
    before = files_below(tmp_path / "site")
    with pytest.raises(SiteFolderError, match="Give another folder with -o"):
        write_site({"a": b"file", "a/b": b"cannot be below a file"}, tmp_path / "site", {})
    assert files_below(tmp_path / "site") == before
    assert [p.name for p in tmp_path.iterdir()] == ["site"]
