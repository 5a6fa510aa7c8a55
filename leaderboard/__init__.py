"""The leaderboard site: static pages built from the result database."""
