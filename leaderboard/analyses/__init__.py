"""The page of analyses: each is computed by `tabbench.analysis` when the site is built, and shown in a section."""
