"""From configs/ and overrides to typed settings, with errors that say what was meant."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tabbench.errors import SettingsError, UnknownNameError, nearest
from tabbench.runner.interrupts import held_interrupts
from tabbench.runner.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omegaconf import DictConfig

Tree = TypeVar("Tree")


def config_folder() -> str:
    """Where configs/ is: in the checkout or in the installed package."""
    return next(path for path in import_module("tabbench_configs").__path__ if Path(path).is_dir())


def register_schema() -> None:
    """Give Hydra the typed tree that every key is checked against."""
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(name="schema", node=Settings)


def compose_settings(overrides: Sequence[str]) -> Settings:
    """The settings that a command line asks for.

    Raises:
        SettingsError: For a key, value or choice that does not exist, with the nearest that does.
    """
    register_schema()
    return cast("Settings", _composed("config", Settings, overrides))


def compose_typed(tree: type[Tree], overrides: Sequence[str]) -> Tree:
    """The settings of a command that has a tree of its own, and no choices in configs/.

    Raises:
        SettingsError: For a key or value that does not exist, with the nearest that does.
    """
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(name=tree.__name__, node=tree)
    return cast("Tree", _composed(tree.__name__, tree, overrides))


def _composed(name: str, tree: type, overrides: Sequence[str]) -> Any:
    from hydra import compose, initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    try:
        with held_interrupts(), initialize_config_dir(config_dir=config_folder(), version_base="1.3"):
            return to_settings(compose(name, overrides=quoted(overrides)))
    except (HydraException, OmegaConfBaseException) as error:
        raise SettingsError(_explain(error, overrides, tree)) from error


def quoted(overrides: Sequence[str]) -> list[str]:
    """Overrides with the expression of `where` in quotes: Hydra's grammar has no `<` and no `(` outside of them.

    >>> quoted(["where=n_rows < 5 and has_missing", "store=results"])
    ['where="n_rows < 5 and has_missing"', 'store=results']
    """
    return [_quoted(override) for override in overrides]


def _quoted(override: str) -> str:
    key, _, text = override.partition("=")
    if not key.lstrip("+~"):
        raise SettingsError(f"{override!r} names no setting. A setting is KEY=VALUE.")
    if key != "where" or re.fullmatch(r"""'([^'\\]|\\.)*'|"([^"\\]|\\.)*\"""", text):
        return override
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'where="{escaped}"'


def to_settings(config: DictConfig) -> Settings:
    """A composed tree as an instance of the typed settings."""
    from omegaconf import OmegaConf

    return cast("Settings", OmegaConf.to_object(config))


def _explain(error: Exception, overrides: Sequence[str], tree: type) -> str:
    """Hydra's message, with the nearest right word in front where there is one."""
    text = str(error).strip()
    cause = error.__cause__ or error.__context__
    if cause is not None and str(cause) not in text:
        text = f"{text} {cause}"
    match = re.search(r"Key '([^']+)' is not in struct|Key '([^']+)' not in|Could not override '([^']+)'", text)
    noise = ("full_key", "object_type", "reference_type", "See https")
    lines = [line.strip() for line in text.splitlines()]
    told = " ".join(line for line in lines if line and not line.startswith(noise))
    if "at: '~'" in text:
        return """A task name with ~ needs quotes of its own: "tasks=['bundled/diamonds~rows=1000']"."""
    if any(word in text for word in ("Lexer", "token recognition", "missing EQUAL", "no viable alternative")):
        return (
            f"Cannot read the settings {' '.join(overrides)}: {told} A setting is KEY=VALUE, lists stand in brackets, "
            """and a value with blanks or letters beyond ASCII has two pairs of quotes: "store='/my path'"."""
        )
    choice = re.search(r"Could not find '([^']+)'", text)
    if choice:
        group, _, name = choice[1].rpartition("/")
        return str(UnknownNameError(group, name, _choices(group), where="settings"))
    if match:
        key = next(g for g in match.groups() if g)
        full = next((o.split("=")[0].lstrip("+~") for o in overrides if key in o.split("=")[0]), key)
        known = _known_keys(tree)
        return f"Unknown setting {full!r}. {_did_you_mean(full, known)} Known: {', '.join(known)}."
    if any(o.startswith(("models=", "tasks=")) and "[" not in o for o in overrides):
        return f"{told} models and tasks are lists: write 'models=[all]', in quotes."
    if kind := re.search(r"could not be converted to (Integer|Float)|is not a valid (bool)", told):
        key = re.search(r"full_key: (\S+)", text)
        wanted = {"Integer": "a whole number", "Float": "a number", "bool": "true or false"}[kind[1] or kind[2]]
        return f"{told}. Write {wanted}: {key[1] if key else 'KEY'}=…"
    if "ListConfig" in told:
        return f"""{told} A list stands in brackets, in quotes: 'KEY=["…"]'."""
    return told


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return f"Did you mean {near}?" if near else ""


def _choices(group: str) -> list[str]:
    return sorted(p.stem for p in (Path(config_folder()) / group).glob("*.yaml"))


def _known_keys(tree: type) -> list[str]:
    from omegaconf import OmegaConf

    def walk(node: dict[str, Any], prefix: str) -> list[str]:
        keys: list[str] = []
        for key, value in node.items():
            keys += walk(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}"]
        return keys

    return walk(cast("dict[str, Any]", OmegaConf.to_container(OmegaConf.structured(tree))), "")
