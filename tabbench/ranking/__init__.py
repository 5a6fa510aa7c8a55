"""From tables of errors to a leaderboard: pure functions that know arrays and names, no model, no file."""
