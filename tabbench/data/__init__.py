"""Tasks: where they come from, how they are cached, checked and split."""
