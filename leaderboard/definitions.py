"""What the numbers on the pages mean, in words."""

DEFINITIONS = (
    (
        "Elo and its interval",
        "Strength from wins on every split, each task counting the same: 400 points are odds of ten to one. The bar is "
        "a 95 % interval: how far the rating moves when other tasks like these are drawn. A star marks a rating that "
        "the battles do not bound.",
    ),
    (
        "Place and groups",
        "The places that a model may hold, all models looked at together, at 95 %. Those who share a bar cannot be "
        "told apart by mean rank. Under ten families of tasks nothing of this is drawn.",
    ),
    (
        "Mean rank",
        "A model's rank by test error among the models shown: per split, then the task's mean, then the mean over "
        "tasks. 1 is best; equal errors share the middle rank.",
    ),
    (
        "Score",
        "On each split 1 is the best model, 0 the median model and all below it, linear between; then the mean over "
        "splits and over tasks.",
    ),
    ("Win rate", "Share of the other models that a model beats; a tie is half a win. Averaged like the rank."),
    (
        "Default, tuned, ensembled",
        "Default is the model's own configuration (trial 0). Tuned is the finished trial with the lowest error on the "
        "valid part of each split; ensembled blends trials, chosen on valid too. Test errors choose nothing.",
    ),
    ("Test error", "Log loss for classes, root mean squared error for numbers, unless the protocol names another."),
    (
        "Fit and predict time",
        "Wall seconds of fitting the chosen configuration and of predicting the test part: mean over a task's splits, "
        "median over tasks. From the timing pass where the heading says so: fitted again, alone, three times. Else "
        "seen on a shared machine, while other fits may have run beside it.",
    ),
    ("Search time", "Wall seconds of all trials of a job together, failed ones too, on a shared machine."),
    (
        "Optimism",
        "By how much the chosen configuration looked better on the valid part than it is on test, as a share of the "
        "larger error. Below nought, valid looked worse.",
    ),
    (
        "Imputed",
        "Share of splits, every task counting the same, on which a model has no error of its own, so that the rule "
        "under Filters stands in. Over a tenth, it is listed and not ranked.",
    ),
)
"""Terms and what they mean, in the order of the page."""
