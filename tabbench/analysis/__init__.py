"""What the results of a suite say: families against each other, metafeatures, recommendations, portfolios."""
