"""The charts of the plots page in words: how each is read, and how it was computed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChartText:
    """A chart's heading and caption.

    Attributes:
        key: Of its section on the page, and in the names of the files that it is saved as.
        title: Heading.
        reading: How to read it.
        computed: How its numbers come about.
        is_filtered: Whether it follows the filters at the head of the page.
    """

    key: str
    title: str
    reading: str
    computed: str
    is_filtered: bool = True


CHARTS = (
    ChartText(
        "pareto",
        "Score against time",
        "Up is better, left is faster. The dashed staircase is the Pareto front: no model is both faster and better "
        "than one that stands on it. A model far below the staircase costs time and brings nothing.",
        "Score as on the leaderboard, over the tasks that the filters leave. Time is the median over tasks of the mean "
        "over a task's splits; the axis is logarithmic, times were seen on a shared "
        "machine unless the note says timing pass. Search is the time of "
        "all trials together.",
    ),
    ChartText(
        "intervals",
        "Rank intervals",
        "A dot is a model's place by mean rank, the bar the places that it may hold on tasks like these. Bars that "
        "overlap much belong to models that the tasks do not tell apart.",
        "Places that all hold at once with 95 %: one plus the models told better, to the number of models minus those "
        "told worse (Mogstad and others 2024; random signs of tasks, step-down). Under ten families of tasks there are "
        "no bars.",
    ),
    ChartText(
        "wins",
        "Who beats whom",
        "Each cell is the share of splits on which the model of the row has a lower error than the model of the "
        "column: teal over a half, orange under. Models stand in the order of their mean ranks, so that an orange cell "
        "above the diagonal is an upset.",
        "A tie is half a win. Per split, then the task's mean, then the mean over tasks.",
    ),
    ChartText(
        "critical",
        "Critical differences",
        "Models on the line of mean ranks, best on the left. A thick bar joins a group of models no two of which are "
        "told apart by the tests; hollow dots mark models of that group, where a bar skips one.",
        "Mean errors of tasks; Friedman's test (corrected for ties) with Iman and Davenport's F, then Wilcoxon's "
        "signed-rank test of each pair on relative differences, Holm over all pairs, level 0.05. Nemenyi's critical "
        "difference is drawn for comparison. Under ten families of tasks no groups are drawn.",
    ),
    ChartText(
        "profiles",
        "Performance profiles",
        "How often a model's error is within a factor of the best one. At the left edge: how often it is the best or "
        "ties with it. Higher is better; a line that starts low and rises fast is rarely first and never far off.",
        "Share of splits, every task weighing the same, on which error ÷ least error ≤ factor (Dolan and Moré 2002).",
    ),
    ChartText(
        "curves",
        "Tuning curves",
        "Expected test error after spending so many trials, the default configuration counted, or so many seconds on "
        "them. Where a line is flat, more tuning brings nothing. The band is luck: nine orders of the same trials out "
        "of ten end inside it.",
        "Exact expectation over every order in which the random trials could have come; the trial with the least valid "
        "error is chosen, its test error counts. Mean over a task's splits. Over all tasks: the relative difference to "
        "the error of the default, mean over tasks. Samplers that learn have the one order that happened, and no band.",
        is_filtered=False,
    ),
    ChartText(
        "overtuning",
        "Valid against test",
        "A dot is one task, the line a model's mean. Right of zero, the chosen configuration looked better on valid "
        "than it then was on test: what was promised and not kept.",
        "Optimism: (test error − valid error) ÷ the larger of the two. Passed over: by how much the chosen "
        "configuration's test error exceeds that of the best configuration of the same search, which no one could have "
        "known. Means over a task's splits.",
    ),
    ChartText(
        "sensitivity",
        "What the order owes to choices",
        "The bar of a model spans the places it takes when one choice behind the ranking is changed: another rule for "
        "gaps or ties, another metric, score or regime, other tasks, another pool. The dot is its place as ranked.",
        "Every choice changed in turn, as `tabbench rank --sensitivity` does; computed when the site was built, over "
        "all tasks, so that filters do not apply.",
        is_filtered=False,
    ),
    ChartText(
        "metafeatures",
        "Where two models differ",
        "A dot is a task; below the line of zero the first has the lower error. A drift from left to right says that "
        "the difference goes with that property of tasks, not that it is caused by it.",
        "Relative difference of the mean errors, first minus second, over the larger. Of a family its best model on "
        "the task is taken, which favours large families. The dashed line is the median of thirds of the tasks.",
    ),
)

TASKS_OF_PAIR = ChartText(
    "tasks-of-pair",
    "Task by task",
    "A dot is a task: left of the line the first model has the lower error, right of it the second. The bar is where "
    "the difference lies on that task, for other draws of its rows; a bar over the line may be either.",
    "Relative difference, first minus second, over the larger error; mean over splits. Interval and p-value of the "
    "corrected resampled t-test (Nadeau and Bengio 2003), not adjusted for the number of tasks.",
)
