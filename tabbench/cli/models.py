"""`tabbench models list|show|new|check`: the models, and the tools of those who write one."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbench.discovery import find_models, is_model_name, load_model, missing_library, resolve_models, why_unavailable
from tabbench.errors import MissingLibraryError, PluginError, SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.discovery import ModelSource
    from tabbench.model import ModelCard
    from tabbench.testing import CaseReport

VERBS = ("list", "show", "new", "check")

TEMPLATE = '''"""{title}: say here what it does, in one sentence."""

from tabbench.estimator import from_estimator
from tabbench.model import Categorical, Missing, Numeric, Reads


def space(trial, task):
    """What may be tuned; the same for every task of a type."""
    return {{"max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 4, 256, log=True)}}


MODEL = from_estimator(
    classifier="sklearn.tree.DecisionTreeClassifier",
    regressor="sklearn.tree.DecisionTreeRegressor",
    name="{name}",
    title="{title}",
    space=space,
    default={{"max_leaf_nodes": 32}},
    reads=Reads(categorical=Categorical.ORDINAL, missing=Missing.IMPUTE, numeric=Numeric.RAW),
)
'''


def main(arguments: Sequence[str]) -> int:
    """Run one of the verbs.

    Returns:
        0 done, 1 a model fails the conformance suite, 2 the input was wrong.
    """
    if arguments and not arguments[0].startswith("-") and arguments[0] not in VERBS:
        raise UnknownNameError("verb", arguments[0], VERBS, where="tabbench models")
    parser = argparse.ArgumentParser(prog="tabbench models", description="The models, and how to add one.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|show|new|check")
    lister = verbs.add_parser("list", help="every installed model")
    shower = verbs.add_parser("show", help="the card, the default and the search space of one model")
    shower.add_argument("model", metavar="NAME", help="name of a model, or a file")
    for verb in (lister, shower):
        verb.add_argument("--json", action="store_true", help="print JSON on standard output and nothing else")
    maker = verbs.add_parser("new", help="write NAME.py here: a plugin that already passes `check`")
    maker.add_argument("name", metavar="NAME", help="lower-case letters, digits and underscores")
    checker = verbs.add_parser("check", help="run the conformance suite and say what fails and how to mend it")
    checker.add_argument("model", metavar="FILE|NAME", help="a file that ends in .py, or the name of a model")
    asked = parser.parse_args(list(arguments))
    if asked.verb == "list":
        return print_list(asked.json)
    if asked.verb == "show":
        return print_model(asked.model, asked.json)
    return write_plugin(asked.name) if asked.verb == "new" else check_plugin(asked.model)


def one_model(name: str) -> ModelSource:
    """The model of a name or path; `all` is no model."""
    if name == "all":
        raise UnknownNameError("model", name, find_models(), where="command line", hint="Name one model.")
    return resolve_models([name])[0]


def card_facts(source: ModelSource, card: ModelCard) -> dict[str, Any]:
    """What a card says, as JSON values, and where the model is."""
    facts = {**asdict(card), "task_types": sorted(card.task_types), "smoke": dict(card.smoke)}
    missing = missing_library(card)
    return {**facts, "path": source.path, "source_hash": source.source_hash, "missing_library": missing}


def install_command(card: ModelCard) -> str:
    """What to type to get a model's missing library, or nothing."""
    library = missing_library(card)
    if library is None:
        return ""
    return str(MissingLibraryError(library, card.extra, card.name)).partition("Install it with: ")[2]


def print_list(as_json: bool) -> int:
    """Print every installed model and which libraries are missing; 1 if a file cannot be loaded."""
    sources = find_models()
    cards: dict[str, ModelCard] = {}
    for name, source in sources.items():
        try:
            cards[name] = load_model(source).card
        except PluginError as error:  # another package's fault must not hide the rest
            sys.stderr.write(f"{error}\n")
    code = 0 if len(cards) == len(sources) else 1
    if as_json:
        _print_json({"models": [card_facts(sources[name], card) for name, card in cards.items()]})
        return code
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("model", "family", "tasks", "title"):
        table.add_column(heading, no_wrap=heading != "title")
    for name, card in cards.items():
        note = "" if missing_library(card) is None else f" [not installed: {missing_library(card)}]"
        types = " ".join(kind.value for kind in sorted(card.task_types))
        table.add_row(name, card.family.value, types.replace("regression", "reg."), _plain(card.title + note))
    console = Console()
    console.print(table)
    for command in sorted({install_command(card) for card in cards.values()} - {""}):
        console.print(f"To install what is missing: {_plain(command)}")
    console.print("More of one: tabbench models show NAME\nTo add your own: tabbench models new my_model")
    return code


def print_model(name: str, as_json: bool) -> int:
    """Print one model's card, default configuration and search space."""
    source = one_model(name)
    model = load_model(source)
    space = describe_space(model)
    if as_json:
        _print_json({**card_facts(source, model.card), "default": dict(model.default), "space": space})
        return 0
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"[bold]{model.card.name}[/bold]: {_plain(model.card.title)}, version {model.card.version}")
    table = Table.grid(padding=(0, 2, 0, 0))
    for field, value in card_facts(source, model.card).items():
        if field in ("name", "title", "version") or value is None or value in ("", [], (), {}):
            continue
        shown = " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else value
        table.add_row(field, _plain(" ".join(map(str, shown)) if isinstance(shown, list | tuple) else str(shown)))
    console.print(table)
    console.print("\n[bold]Tuned[/bold] (default, then what is drawn from)")
    for parameter in sorted({*model.default, *space}):
        line = f"  {parameter}: {model.default.get(parameter, '')}  {space.get(parameter, 'fixed')}"
        console.print(_plain(line), highlight=False)
    reasons = {why_unavailable(model, kind): None for kind in sorted(model.card.task_types)}
    for reason in reasons:
        if reason is not None:
            console.print(f"\nIt cannot run here: {_plain(reason)}", highlight=False, soft_wrap=True)
    return 0


def describe_space(model: Any) -> dict[str, str]:
    """Each parameter and the distributions it is drawn from, over some draws of each task type."""
    import optuna

    from tabbench.testing.statement import facts

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    found: dict[str, set[str]] = {}
    for kind in sorted(model.card.task_types):
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        for _ in range(20):
            trial = study.ask()
            model.space(trial, facts(kind, 1000, 12))
            for name, distribution in trial.distributions.items():
                found.setdefault(name, set()).add(_range(distribution))
    return {name: " or ".join(sorted(ranges)) for name, ranges in sorted(found.items())}


def _range(distribution: Any) -> str:
    choices = getattr(distribution, "choices", None)
    if choices is not None:
        return "one of " + ", ".join(map(str, choices))
    step = f", step {distribution.step}" if distribution.step not in (None, 1) else ""
    return f"{distribution.low:g} … {distribution.high:g}{', log' if distribution.log else ''}{step}"


def write_plugin(name: str) -> int:
    """Write a plugin that passes the conformance suite."""
    if not is_model_name(name):
        raise SettingsError(
            f"{name!r} cannot be a model's name. Use lower-case letters, digits and underscores, a letter first: "
            "tabbench models new my_model"
        )
    if name in find_models():
        raise SettingsError(f"An installed model is called {name!r} already. Choose another name.")
    path = Path(f"{name}.py")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.format(name=name, title=name.replace("_", " ").capitalize()))
    except FileExistsError:
        raise SettingsError(f"{path.resolve()} exists and is not overwritten. Choose another name.") from None
    except OSError as error:
        raise SettingsError(f"{path.resolve()} cannot be written: {error.strerror}. Go to another folder.") from error
    sys.stdout.write(
        f"Wrote {path}. Next:\n  tabbench models check {path}\n  tabbench run suite=quickstart 'models=[./{path}]'\n"
    )
    return 0


def check_plugin(name: str) -> int:
    """Run the conformance suite on a model, printing each case as it ends."""
    from rich.console import Console
    from rich.text import Text

    from tabbench.testing import Outcome
    from tabbench.testing.apart import check_apart

    styles = {Outcome.PASSED: "green", Outcome.FAILED: "bold red", Outcome.SKIPPED: "dim"}
    console = Console(highlight=False)

    def show(report: CaseReport) -> None:
        console.print(Text(str(report), style=styles[report.outcome]), soft_wrap=True)

    report = check_apart(one_model(name), show)
    console.print(report.summary, soft_wrap=True)
    return 0 if report.is_conforming else 1


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
