"""Find a named space, of ours in configs/space or in a file, and a model's entry in it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbench.errors import SettingsError, UnknownNameError
from tabbench.hashing import canonical_json
from tabbench.runner.compose import config_folder
from tabbench.tuning.named_space import check_space

if TYPE_CHECKING:
    from tabbench.model import Model

OTHERS, OWN = "others", "own"
"""The line `others: own` lets models without an entry draw from their own space; without it they are refused."""
ENDINGS = (".yaml", ".yml")


def read_space(name: str) -> dict[str, Any]:
    """All entries of a named space, by model.

    Args:
        name: One of configs/space, or the path of a YAML file.

    Raises:
        UnknownNameError: If there is none of that name.
        SettingsError: If the file cannot be read.
    """
    import yaml

    folder = Path(config_folder()) / "space"
    path = Path(name) if name.endswith(ENDINGS) else folder / f"{name}.yaml"
    if not name.endswith(ENDINGS) and not path.is_file():
        known = sorted(file.stem for file in folder.glob("*.yaml"))
        hint = "A space of your own is named by path: sampler.space=my_space.yaml"
        raise UnknownNameError("sampler.space", name, known, where="settings", hint=hint)
    try:
        content = _parsed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"sampler.space: {path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise SettingsError(f"sampler.space: {path} must hold an entry for each model, by name.")
    return dict(content)


@cache
def _parsed(text: str) -> Any:
    """YAML that is asked for once a model of a run."""
    import yaml

    return yaml.safe_load(text)


def named_space(name: str) -> str:
    """A named space as JSON, for a protocol; empty for no name, which is the models' own spaces.

    Raises:
        SettingsError: For a value that JSON has not, an infinite number or a date, in the entry of any model.
    """
    try:
        return canonical_json(read_space(name)) if name else ""
    except (TypeError, ValueError) as error:
        raise SettingsError(f"sampler.space={name}: {error}. Write finite numbers, and dates in quotes.") from error


def check_entry(name: str, model: type[Model]) -> None:
    """Hold a named space against a model that is to draw from it.

    Raises:
        UnknownNameError: If there is no space of that name.
        SettingsError: If the space has no entry for the model, or a faulty one.
    """
    spaces, model_name = read_space(name), model.card.name
    others = spaces.pop(OTHERS, None)
    if others not in (None, OWN):
        raise SettingsError(f"sampler.space={name}: {OTHERS}: {others!r} means nothing; it is {OWN}, or left out.")
    if model_name in spaces:
        check_space(model, spaces[model_name], f"sampler.space={name}")
    elif others != OWN:
        raise SettingsError(
            f"sampler.space={name} has no space for {model_name}; it has one for {', '.join(sorted(spaces))}. Leave "
            "the model out, or write an entry in a copy of the file and name its path."
        )
