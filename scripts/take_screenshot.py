"""Take the pictures of the README and of docs/site.md from a built site, as a reader's browser shows them.

python scripts/take_screenshot.py SITE_DIR [-o docs]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from tabbench_leaderboard.serving import HOST, site_server

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTH, HEIGHT = 1360, 940
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Picture a built site.")
    parser.add_argument("site", type=Path, help="folder that `tabbench site build` wrote")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs"), help="folder of the pictures")
    options = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None or not (options.site / "index.html").is_file():
        print(f"{options.site} is no built site." if chromium else "No chromium on the PATH.", file=sys.stderr)
        return 2
    server = site_server(options.site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        take(chromium, f"http://{HOST}:{server.server_port}", options.output)
    finally:
        server.shutdown()
    return 0


def take(chromium: str, root: str, folder: Path) -> None:
    """The leaderboard, the tuning curves in the dark, and an answer on the page Ask."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            for name, path, scheme in (
                ("leaderboard", "index.html", "light"),
                ("plots", "plots.html", "dark"),
                ("ask", "ask.html", "light"),
            ):
                view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
                view.goto(f"{root}/{path}")
                view.wait_for_load_state("networkidle")
                _show(view, name)
                view.screenshot(path=folder / f"{name}.png")
                view.close()
        finally:
            browser.close()


def _show(view: Page, name: str) -> None:
    """Bring to view what the picture is of."""
    if name == "plots":
        view.get_by_role("heading", name="Performance profiles").evaluate("heading => heading.scrollIntoView()")
    if name == "ask":
        view.get_by_role("button", name="Run", exact=True).click()
        view.wait_for_selector("table tbody tr", timeout=60_000)


if __name__ == "__main__":
    sys.exit(main())
