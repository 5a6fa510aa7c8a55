"""Find models without a list: our files, other packages' entry points, and paths."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import traceback
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

from tabbench.errors import MissingLibraryError, PluginError, SettingsError, UnknownNameError
from tabbench.hashing import hash_bytes
from tabbench.model import MayBeUnavailable, Model, ModelCard
from tabbench.task import TaskType

if TYPE_CHECKING:
    from collections.abc import Sequence

ENTRY_POINTS = "tabbench.models"
HINT = "To add your own: tabbench models new my_model"
ALL = "all"
NOT_NAMES = (ALL, "model", "models", "none")


@dataclass(frozen=True)
class ModelSource:
    """Where a model's code is, known without running it.

    Attributes:
        name: The model's name. It is that of the file, and `card.name` must equal it.
        path: The file.
        source_hash: 16 hex digits: of the file, and for ours of the `_*.py` files it is made with.
        is_by_path: Given as a path, not installed: its jobs carry the hash, so that an edited file is new work.
        module: The name it is imported under.
    """

    name: str
    path: str
    source_hash: str
    is_by_path: bool
    module: str


def is_model_name(name: str) -> bool:
    """Whether a name may stand in every row: lower-case letters, digits, underscores, a letter first.

    >>> [is_model_name(name) for name in ("knn", "my_model2", "My-Model", "2nd", "all")]
    [True, True, False, False, False]
    """
    allowed = name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and name[:1].isalpha()
    return allowed and name not in NOT_NAMES


def find_models() -> dict[str, ModelSource]:
    """All installed models by name, in alphabetical order; none is imported.

    Raises:
        PluginError: If two packages bring a model of the same name.
    """
    found: dict[str, ModelSource] = {}
    for source in [*_own_models(), *_entry_points()]:
        other = found.setdefault(source.name, source)
        if other.path != source.path:
            raise PluginError(
                f"Two installed models are called {source.name!r}: {other.path} and {source.path}. "
                "Uninstall one of the packages, or ask its authors for another name."
            )
    return dict(sorted(found.items()))


def _own_models() -> list[ModelSource]:
    folders = importlib.import_module("tabbench_models").__path__
    files = [file for folder in folders for file in sorted(Path(folder).glob("*.py"))]
    return [
        ModelSource(file.stem, str(file), source_hash(file), False, f"tabbench_models.{file.stem}")
        for file in files
        if not file.stem.startswith("_")
    ]


def source_hash(file: Path) -> str:
    """Hash of a model's file and of the `tabbench_models._*` files that it is made with, 16 hex digits."""
    sources = _files_of(file)
    return hash_bytes(b"".join(sources[path] for path in sorted(sources)))


def source_files(source: ModelSource) -> dict[str, bytes]:
    """The files that a model's hash is of, by name, in that order.

    Raises:
        PluginError: If they are no longer what they were.
    """
    file = Path(source.path)
    files = {file: file.read_bytes()} if source.is_by_path else _files_of(file)
    found = {path.name: files[path] for path in sorted(files)}
    if hash_bytes(b"".join(found.values())) != source.source_hash:
        raise _broken(source, "changed after it was found", "Run the command again.")
    return found


def _files_of(file: Path) -> dict[Path, bytes]:
    """A model's file, and the `tabbench_models._*` files that it is made with."""
    sources, waiting = dict[Path, bytes](), [file]
    while waiting:
        path = waiting.pop()
        if path not in sources:
            sources[path] = path.read_bytes()
            named = re.findall(r"\btabbench_models(?:\.| import )(_\w+)", sources[path].decode(errors="replace"))
            waiting += [part for name in named if (part := file.with_name(f"{name}.py")).exists()]
    return sources


def _entry_points() -> list[ModelSource]:
    sources = []
    for entry in metadata.entry_points(group=ENTRY_POINTS):
        spec = util.find_spec(entry.module)
        if spec is None or spec.origin is None:
            raise PluginError(
                f"The entry point {entry.name!r} of group {ENTRY_POINTS!r} names the module {entry.module!r}, which "
                "is not there. Reinstall or uninstall the package that declares it."
            )
        sources.append(ModelSource(entry.name, spec.origin, source_hash(Path(spec.origin)), False, entry.module))
    return sources


def resolve_models(names: Sequence[str], where: str = "command line") -> list[ModelSource]:
    """The models that were asked for, in that order.

    Args:
        names: Model names, `all` for every installed one, or paths that end in `.py`.
        where: Where the names come from, for messages.

    Raises:
        UnknownNameError: If nothing answers to a name.
        PluginError: If a path is not a file, or its name is taken or cannot be a model's.
        SettingsError: If a model is asked for twice.
    """
    installed = find_models()
    sources: list[ModelSource] = []
    for name in names:
        if name == ALL:
            sources += installed.values()
        elif name.endswith(".py"):
            sources.append(_by_path(Path(name), installed, where))
        elif name in installed:
            sources.append(installed[name])
        else:
            raise UnknownNameError("model", name, installed, where=where, hint=HINT)
    seen: set[str] = set()
    for source in sources:
        if source.name in seen:
            raise SettingsError(f"Model {source.name!r} is asked for twice ({where}). Name each model once.")
        seen.add(source.name)
    return sources


def _by_path(path: Path, installed: dict[str, ModelSource], where: str) -> ModelSource:
    if not path.is_file():
        raise PluginError(f"{path} ({where}) is not a file. {HINT}")
    path = path.resolve()
    name = path.stem
    same = installed.get(name)
    if same is not None and Path(same.path).resolve() == path:
        return same
    if not is_model_name(name):
        raise PluginError(
            f"{path}: a model has the name of its file, and {name!r} cannot be one. Rename the file: lower-case "
            "letters, digits and underscores, a letter first."
        )
    if same is not None:
        raise PluginError(
            f"{path}: the name {name!r} is taken by the installed model {same.path}. A name stands in every row and "
            "must mean one model: rename the file and its card."
        )
    own_hash = hash_bytes(path.read_bytes())
    return ModelSource(name, str(path), own_hash, True, f"tabbench_plugin_{name}_{own_hash}")


def load_model(source: ModelSource) -> type[Model]:
    """Import a model's class and check what it states.

    Instances pickle by the name `source.module`: another process calls `load_model` before it unpickles one.

    Raises:
        PluginError: If the file cannot be imported, changed since it was found, or breaks the contract.
    """
    module = sys.modules.get(source.module) or _import(source)
    model = getattr(module, "MODEL", None)
    if not isinstance(model, type):
        raise _broken(source, "has no class MODEL", "End the file with: MODEL: type[Model] = TheClass")
    _check_card(source, getattr(model, "card", None))
    for name in ("space", "fit", "predict"):
        if not callable(getattr(model, name, None)):
            raise _broken(source, f"has no method {name!r}", f"Write {name} as `Model` in tabbench/model.py has it.")
    if not isinstance(inspect.getattr_static(model, "space"), staticmethod | classmethod):
        raise _broken(
            source, "has a `space` that needs an instance", "Put @staticmethod above `def space(trial, task)`."
        )
    if not hasattr(model, "default"):
        raise _broken(source, "has no `default`", "State the configuration of trial 0: default = {...}")
    return model


def _import(source: ModelSource) -> ModuleType:
    try:
        with redirect_stdout(sys.stderr):
            return _execute(source) if source.is_by_path else importlib.import_module(source.module)
    except (Exception, SystemExit) as error:
        sys.modules.pop(source.module, None)
        if isinstance(error, PluginError):
            raise
        _explain(source, error)


def _execute(source: ModelSource) -> ModuleType:
    """Run the file under a private name; no bytecode cache, which would miss an edit within a second."""
    code = Path(source.path).read_bytes()
    if hash_bytes(code) != source.source_hash:
        raise _broken(source, "changed after it was found", "Run the command again; an edited file is new work.")
    module = ModuleType(source.module)
    module.__file__ = source.path
    sys.modules[source.module] = module
    exec(compile(code, source.path, "exec"), module.__dict__)
    return module


def _explain(source: ModelSource, error: BaseException) -> NoReturn:
    last = traceback.format_exception_only(error)[-1].strip()
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == source.path]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    place = f" in line {line}" if line else ""
    mend = "Mend that line; `python FILE` shows the whole traceback."
    if isinstance(error, SystemExit):
        mend = "A plugin is imported, so it must not end the program: move that under `if __name__ == '__main__':`."
    elif isinstance(error, ModuleNotFoundError):
        mend = "Install that package, and import it inside `fit`, so that a listing works without it."
    raise _broken(source, f"cannot be imported: {last}{place}", mend) from error


def _check_card(source: ModelSource, card: object) -> None:
    if not isinstance(card, ModelCard):
        raise _broken(source, "has no card", "Give the class a `card = ModelCard(...)`.")
    if not is_model_name(card.name):
        mend = "Use lower-case letters, digits and underscores, a letter first."
        raise _broken(source, f"calls itself {card.name!r}, which is no model name", mend)
    if card.name != source.name:
        mend = "Both must be the same, since a model is found by its file without being imported."
        raise _broken(source, f"calls itself {card.name!r} and its file says {source.name!r}", mend)
    if not card.task_types or not all(isinstance(kind, TaskType) for kind in card.task_types):
        raise _broken(
            source,
            "states no task types that we know",
            "task_types is a set of BINARY, MULTICLASS, REGRESSION, not of words.",
        )


def _broken(source: ModelSource, what: str, mend: str) -> PluginError:
    return PluginError(f"The model file {source.path} {what}. {mend}")


def missing_library(card: ModelCard) -> str | None:
    """The first library the card requires that is not installed, or None; imports nothing."""
    for library in card.requires:
        try:
            if util.find_spec(library.partition(".")[0]) is None:
                return library
        except ValueError:  # a module without a spec is loaded already
            continue
    return None


def require_libraries(card: ModelCard) -> None:
    """Refuse a model whose libraries are not installed.

    Raises:
        MissingLibraryError: With the command that installs the first one missing.
    """
    library = missing_library(card)
    if library is not None:
        raise MissingLibraryError(library, card.extra, needed_by=f"Model {card.name}")


def why_unavailable(model: type[Model], task_type: TaskType) -> str | None:
    """What a model lacks here for tasks of a type, a library or weights, with the command that gets it; or None."""
    library = missing_library(model.card)
    if library is not None:
        return str(MissingLibraryError(library, model.card.extra, model.card.name))
    hook: object = model
    if not isinstance(hook, MayBeUnavailable) or task_type not in model.card.task_types:
        return None
    return hook.unavailable(task_type)
