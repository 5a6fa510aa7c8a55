"""What the numbers on the pages mean, in words."""

DEFINITIONS = (
    (
        "Mean rank",
        "A model's rank by test error among the models of the same regime: per split, then the task's mean, then the "
        "mean over tasks. 1 is best; equal errors share the middle rank.",
    ),
    (
        "Normalised score",
        "On each split 1 is the best model, 0 the median model and all below it, linear between; then the mean over "
        "splits and over tasks.",
    ),
    ("Win rate", "Share of the other models that a model beats; a tie is half a win. Averaged like the rank."),
    (
        "Default and tuned",
        "Default is the model's own configuration (trial 0). Tuned is the finished trial with the lowest error on the "
        "valid part of each split; test errors choose nothing.",
    ),
    ("Test error", "Log loss for classes, root mean squared error for numbers, unless the protocol names another."),
    (
        "Fit and predict time",
        "Wall seconds of one fit of the configuration and of predicting the test part: mean over a task's splits, "
        "median over tasks. Seen on a shared machine, while other fits may have run beside it.",
    ),
    ("Search time", "Wall seconds of all trials of a job together, failed ones too; averaged like the fit time."),
    ("Tasks finished", "Ranked tasks on which the model has an error on every split."),
    ("Imputed", "Share of splits, every task counting the same, on which the constant predictor's error stands in."),
)
"""Terms and what they mean, in the order of the page."""
