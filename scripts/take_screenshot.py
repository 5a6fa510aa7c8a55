"""Take the picture of the leaderboard that the README shows.

python scripts/take_screenshot.py SITE_DIR -o docs/leaderboard.png
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTH, HEIGHT = 1360, 940
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Picture the first view of a built site.")
    parser.add_argument("site", type=Path, help="folder that `tabbench site build` wrote")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/leaderboard.png"))
    options = parser.parse_args()
    page = options.site / "index.html"
    chromium = shutil.which("chromium")
    if chromium is None or not page.is_file():
        print(f"{page} is missing: build the site first." if chromium else "No chromium on the PATH.", file=sys.stderr)
        return 2
    take(chromium, page, options.output)
    print(f"{options.output}: {options.output.stat().st_size / 1000:.0f} kB")
    return 0


def take(chromium: str, page: Path, picture: Path) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            view.goto(page.resolve().as_uri())
            view.screenshot(path=picture)
        finally:
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
