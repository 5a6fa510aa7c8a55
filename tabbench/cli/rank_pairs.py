"""What `tabbench rank --pairs` prints: every two entrants beside each other, and who is not told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.cli.rank_more import MOST_ROWS, Panel

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.ranking.pairs import Pairs
    from tabbench.ranking.rules import Rules
    from tabbench.ranking.uncertainty import Uncertain


def pair_panels(errors: pd.DataFrame, rules: Rules, uncertain: Uncertain) -> list[Panel]:
    """Each pool's critical-difference diagram, win matrix and table of pairs; none of one entrant or one task."""
    from tabbench.ranking.aggregates import ranked
    from tabbench.ranking.imputation import impute
    from tabbench.ranking.leaderboard import pools_of
    from tabbench.ranking.pairs import compare_pairs
    from tabbench.ranking.table import check_errors, error_table

    check_errors(errors)
    panels = []
    for name, pool in pools_of(errors, rules.pool):
        table = impute(error_table(pool), rules.impute, rules.constant, rules.reference_model).table.dense()
        if len(table.models) < 2 or len(table.tasks) < 2:
            continue
        found = compare_pairs(ranked(table, rules), rules, uncertain)
        panels += [
            Panel(f"{name}: {_diagram(found, table.models)}", _win_matrix(found.table).assign(pool=name)),
            Panel(f"{name}: every pair", found.table.assign(pool=name), is_shown=False, is_data=True),
        ]
    return panels


def _diagram(found: Pairs, models: tuple[str, ...]) -> str:
    """The diagram, who may be the best, and what the table below it is."""
    from tabbench.ranking.critical_difference import cd_diagram_text

    lines = [cd_diagram_text(models, found.diagram).rstrip()]
    if found.may_be_best is not None:
        best = [models[i] for i in found.diagram.order if found.may_be_best.is_member[i]]
        lines.append(
            f"On tasks like these, with probability {found.may_be_best.level:g}, the best is among: {', '.join(best)}."
        )
    return "\n".join([*lines, "", "Wins of the row over the column, per cent of splits, every task counting the same:"])


def _win_matrix(pairs: pd.DataFrame) -> pd.DataFrame:
    """The best entrants against each other, columns by place."""
    names = list(dict.fromkeys(pairs["model"]))[:MOST_ROWS]
    wins = pairs.pivot(index="model", columns="other", values="wins").reindex(index=names, columns=names)
    shown = (100 * wins).round().map(lambda share: f"{share:.0f}" if share == share else "")
    shown.columns = [str(place) for place in range(1, len(names) + 1)]
    shown.insert(0, "#", list(shown.columns))
    return shown.reset_index()
