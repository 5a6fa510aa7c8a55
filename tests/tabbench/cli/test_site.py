from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from synthetic_store import make_store

from tabbench.cli.main import main


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(make_store(tmp_path_factory.mktemp("store")).root)


@pytest.mark.slow
def test_the_site_is_built_and_its_address_goes_to_standard_error(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["site", "build", "-o", str(tmp_path / "out"), "--store", store]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert (tmp_path / "out/index.html").as_uri() in err
    assert len(list((tmp_path / "out/models").iterdir())) == 3
    assert len(list((tmp_path / "out/tasks").iterdir())) == 3


@pytest.mark.slow
def test_two_builds_are_the_same_bytes(store: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert main(["site", "build", "-o", str(tmp_path / name), "--store", store]) == 0
    files = [{p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.*")} for n in ("a", "b")]
    for found in files:
        assert found.pop(Path("data/tabbench.duckdb"))  # DuckDB's own statistics draw by chance
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--store", "absent"], "tabbench run"),
        (["--suite", "quickstrat"], "suite"),
        (["--protocol", "absent"], "protocol"),
    ],
)
def test_a_wrong_word_is_exit_code_2_and_writes_nothing(
    arguments: list[str], words: str, store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = arguments if "--store" in arguments else [*arguments, "--store", store]
    assert main(["site", "build", "-o", str(tmp_path / "out"), *given]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_somebody_else_is_refused(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    assert main(["site", "build", "-o", str(tmp_path), "--store", store]) == 2
    assert "not a site built by tabbench" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.slow
def test_a_store_is_shown_until_it_is_ended_and_leaves_nothing_behind(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def look_and_end(server: ThreadingHTTPServer) -> None:
        assert list(tmp_path.glob("tabbench-site-*/site/index.html"))
        raise KeyboardInterrupt

    monkeypatch.setattr(ThreadingHTTPServer, "serve_forever", look_and_end)
    assert main(["site", "serve", "--store", store]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "http://127.0.0.1:" in err
    assert list(tmp_path.iterdir()) == []
    assert main(["site", "serve", str(tmp_path / "gone")]) == 2
    assert "Build a site" in capsys.readouterr().err


def test_a_folder_that_is_no_site_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["site", "serve", str(tmp_path)]) == 2
    assert "not a site built by tabbench" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["99999", "-1", "65536", "http", "80.5", ""])
def test_a_port_that_none_can_be_is_refused(port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["site", "serve", str(tmp_path), "--port", port])
    assert ended.value.code == 2
    assert f"argument --port: {port!r}: a number from 0 to 65535 is wanted" in capsys.readouterr().err
