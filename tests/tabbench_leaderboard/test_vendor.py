import yaml
from tabbench_leaderboard.folders import folder_of

FOLDER = folder_of("scripts") / "vendor"
LIBRARIES = yaml.safe_load((FOLDER / "libraries.yaml").read_text(encoding="utf-8"))


def test_every_browser_library_is_pinned_and_brings_its_licence() -> None:
    listed = {name for library in LIBRARIES for name in library["files"].values()}
    own = {"libraries.yaml", "duckdb.licence.txt"}  # the release of duckdb-wasm holds no licence file
    assert listed | own == {path.name for path in FOLDER.iterdir() if path.is_file()}
    for library in LIBRARIES:
        assert library["integrity"].startswith("sha512-")
        assert library["licence"]
        assert "LICENSE" in library["files"] or "licence.txt" in library["why"]
