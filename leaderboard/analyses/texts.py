"""The charts of the analysis page in words: how each is read, and how it was computed."""

from tabbench_leaderboard.chart_texts import ChartText

GAP = ChartText(
    "gap-by-task",
    "The gap on every task",
    "A dot is a task: left of the line networks have the lower error, right of it boosted trees. A bar that crosses "
    "the line says that other splits of the same table could turn the task around.",
    "Difference of test errors, networks minus trees, over the larger. Both families try equally many configurations "
    "and choose on valid, exactly over all draws of that many. Bars: 95 % by the corrected resampled t-test over a "
    "task's splits (Nadeau and Bengio 2003), not adjusted for the number of tasks.",
    is_filtered=False,
)
ASSOCIATIONS = ChartText(
    "associations",
    "The strongest associations",
    "Right of the line: the more of it a task has, the better for boosted trees, or the larger the model's error. Full "
    "dots have a q-value under 0.05: at most one in twenty full dots is expected to be chance. A task that has "
    "a property is not changed by it: the next section changes tasks.",
    "Spearman's correlation over families of tasks, bootstrap intervals of 95 % over families, q by Benjamini and "
    "Hochberg over all metafeatures of one outcome. Given rows: the partial correlation with the number of rows fixed.",
    is_filtered=False,
)
DOSES = ChartText(
    "doses-of-change",
    "How far a change moves the gap",
    "Each faint line is a task, the strong one their mean with its interval. Above 0 boosted trees gain by the change, "
    "below 0 networks do.",
    "The gap of a changed table minus that of the same table as it is, so that only the change differs within a pair. "
    "Intervals of 95 % draw tasks; seeds of one dose are averaged first.",
    is_filtered=False,
)
CURVES = ChartText(
    "learning-curves",
    "Error against rows",
    "Each line is a model on one task at several sizes of its training part. The last point, where it has a bar, was "
    "not measured: it is what a power law expects of twice the rows, and the bar holds 90 % of the errors that would "
    "be measured there, if the law holds.",
    "e(n) = a + b n^-c by least squares on logarithms, from five sizes on; delta method with Student's t. Errors are "
    "means over splits; tasks cut by ~rows= have smaller test parts too.",
    is_filtered=False,
)
REGRETS = ChartText(
    "regrets",
    "What each way to choose loses",
    "Left is better. Nobody can reach the virtual best, which is picked on test; always taking the single best model "
    "is what a recommender has to beat.",
    "Regret: how much smaller the error would be with the best model of the split, 1 − best ÷ error, mean over tasks. "
    "Every way is learnt on the other tasks, related tables left out together. Intervals of 95 % draw tasks.",
    is_filtered=False,
)
PORTFOLIO = ChartText(
    "portfolio-losses",
    "What a portfolio of so many configurations loses",
    "Lower is better: all members are tried and valid chooses. The bar is the interval over tasks of the portfolio.",
    "Loss: 1 − best ÷ error, best of all configurations of the split. Members are chosen on the other tasks, one by "
    "one, each the one that lowers the loss most. Random: ten draws of as many. Single model: its first trials.",
    is_filtered=False,
)
