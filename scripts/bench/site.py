"""How fast the leaderboard page is over a store of a million trials, in headless Chromium on this machine.

    python scripts/bench/site.py [--trials 1101600] [--folder DIR]

Makes a store of 80 models x 51 tasks x 30 splits of invented trials (not counted), builds the first page and its data,
serves them on loopback, and measures in the browser: bytes and seconds of the first view; after a change of a filter
the milliseconds until the points are painted, and until the intervals are. Run it on an otherwise idle machine.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from ranking import N_MODELS, N_SPLITS, N_TASKS, fill_store
from tabbench_leaderboard import leaderboard_page
from tabbench_leaderboard.browser_data import About, browser_data
from tabbench_leaderboard.pages import ModelFacts, Site
from tabbench_leaderboard.rendering import render_site
from tabbench_leaderboard.serving import HOST, site_server
from tabbench_leaderboard.writing import write_site

from tabbench.cli.site import rows_by
from tabbench.store.database import open_database
from tabbench.store.layout import Store

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FIRST_VIEW = """() => {
    const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    return {bytes: all.reduce((sum, entry) => sum + entry.transferSize, 0),
        seconds: performance.getEntriesByType('navigation')[0].loadEventEnd / 1000,
        rows: document.querySelectorAll('#board tbody tr').length};
}"""
FILTER = """(value) => new Promise((done) => {
    const status = document.querySelector('#status');
    const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
    let points = null;
    const start = performance.now();
    new MutationObserver((_, watcher) => {
        const isPending = status.textContent.includes('being drawn');
        if (points === null) { points = 0; painted(() => (points = performance.now() - start)); }
        if (isPending) return;
        watcher.disconnect();
        painted(() => done({points, intervals: performance.now() - start}));
    }).observe(status, {childList: true});
    const input = document.querySelector('input[aria-label="Rows, at least"]');
    input.value = value;
    input.dispatchEvent(new Event('input'));
})"""


def build(root: Path, n_trials: int) -> Path:
    """The first page and its data, of a store made up under `root`."""
    store = Store(root / "store").create()
    with open_database(store, read_only=False) as con:
        if con.execute("select count(*) from all_trials").fetchone() == (0,):
            fill_store(con, n_trials)
            con.execute('update tasks set n_classes = 2, split_rule = \'{"kind": "kfold"}\'')
    read = partial(rows_by, store.root, None, None, False)
    started = time.perf_counter()
    with open_database(store) as con:
        (n,) = con.execute("select count(*) from trials").fetchall()[0]
    rows = read(None)
    with open_database(store) as con:
        data = browser_data(con, rows, read, About("Invented", "", "2026-01-01", "bench", n))
    models = tuple(ModelFacts(model.name, model.title, model.family) for model in data.site.models)
    site = Site("", "Invented", "2026-01-01", "bench", (), models, (), (), n_trials=n)
    files = render_site(site, data, (leaderboard_page.pages,))
    write_site(files, root / "site", {})
    print(f"{n:,} trials, {N_MODELS} models x {N_TASKS} tasks x {N_SPLITS} splits; built in "
          f"{time.perf_counter() - started:.0f} s")  # fmt: skip
    return root / "site"


def measure(folder: Path, n_changes: int = 5) -> None:
    server = site_server(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page(viewport={"width": 1360, "height": 900})
            page.goto(f"http://{HOST}:{server.server_port}/")
            first: dict[str, Any] = page.evaluate(FIRST_VIEW)
            print(f"first view: {first['seconds']:.2f} s, {first['bytes'] / 1000:.0f} kB, {first['rows']} rows")
            taken = [page.evaluate(FILTER, str(1001 + i)) for i in range(n_changes)]
            browser.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    for name in ("points", "intervals"):
        times = [one[name] for one in taken]
        print(f"filter change to {name}: first {times[0]:.0f} ms, median {statistics.median(times):.0f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(description="Time the leaderboard page over a million trials.")
    parser.add_argument("--trials", type=int, default=1_101_600)
    parser.add_argument("--folder", type=Path, help="keep store and site here, and use the store again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure(build(options.folder or Path(scratch), options.trials))
    return 0


if __name__ == "__main__":
    sys.exit(main())
