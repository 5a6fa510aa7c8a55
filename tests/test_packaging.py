"""What the project installs: extras equal the cards, pins cover the extras, every file of data is in a package."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tabbench import __version__
from tabbench.discovery import find_models, load_model

ROOT = Path(__file__).parents[1]
CARDS = [load_model(source).card for source in find_models().values()]
LEFT_OUT_OF_MODELS: set[str] = {"tabpfn_v1", "tabpfn_v2"}  # extras of models whose packages exclude those of [models]


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def normal(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return normal(found[0])


def packages_of(extra: str) -> set[str]:
    """Distributions that an extra brings, those of extras that it names included."""
    found: set[str] = set()
    for requirement in project()["project"]["optional-dependencies"][extra]:
        if requirement.startswith("tabbench["):
            for inner in requirement.removeprefix("tabbench[").split("]")[0].split(","):
                found |= packages_of(inner.strip())
        else:
            found.add(distribution(requirement))
    return found


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("#")[0].strip().split("==") for line in lines if line.split("#")[0].strip()]
    return {normal(name): release for name, release in pairs}


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_the_extra_on_the_card_brings_what_the_model_requires(card: Any) -> None:
    core = {distribution(requirement) for requirement in project()["project"]["dependencies"]}
    brought = core | (packages_of(card.extra) if card.extra else set())
    providers = metadata.packages_distributions()
    for library in card.requires:
        assert {normal(name) for name in providers[library.split(".")[0]]} & brought, library


def test_models_brings_every_model() -> None:
    for extra in {card.extra for card in CARDS if card.extra} - LEFT_OUT_OF_MODELS:
        assert packages_of(extra) <= packages_of("models")
    assert {card.extra for card in CARDS} >= LEFT_OUT_OF_MODELS


def test_dev_brings_models() -> None:
    assert packages_of("models") <= packages_of("dev")


def test_every_requirement_is_pinned() -> None:
    required = {distribution(requirement) for requirement in project()["project"]["dependencies"]}
    for extra in set(project()["project"]["optional-dependencies"]) - LEFT_OUT_OF_MODELS:
        required |= packages_of(extra)
    assert required | {"setuptools", "wheel"} <= set(pins())


def test_pins_are_what_is_tested() -> None:
    """An environment of one's own may differ; that of scripts/test.sh does not."""
    if not (ROOT / ".venv" / "installed.txt").exists():
        pytest.skip("the environment is not made by scripts/environment.sh")
    for name, release in pins().items():
        try:
            installed = metadata.version(name).split("+")[0]
        except metadata.PackageNotFoundError:
            continue
        assert installed == release, name


def test_pins_name_no_place() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"https?:|--(index|extra-index|find-links)|file:|@", text)


def test_every_folder_of_data_is_a_package() -> None:
    """Setuptools takes no folder that is not listed, and says nothing."""
    setuptools = project()["tool"]["setuptools"]
    listed = {
        ROOT / setuptools["package-dir"][top] / Path(*rest)
        for top, *rest in (package.split(".") for package in setuptools["packages"])
    }
    suffixes = {pattern.removeprefix("*") for pattern in setuptools["package-data"]["*"]} - {"py.typed"} | {".py"}
    for top in setuptools["package-dir"].values():
        for file in (ROOT / top).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith("."):
                assert file.suffix in suffixes or file.name == "py.typed", f"{file} is left out of the wheel"
                assert file.parent in listed, f"{file} is in no package"


def test_the_changelog_has_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(__version__)}\b", text, re.MULTILINE)
