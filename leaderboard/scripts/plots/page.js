// The plots page: makes the pool that the address asks for, and hands it to the charts.

import { loadSite, loadView } from "../data/load.js";
import { regimesOf } from "../leaderboard/controls.js";
import { intervalsOf, rankPool } from "../ranking/leaderboard.js";
import { entrantsOf, poolOf } from "../ranking/pool.js";
import { criticalChart, curvesChart, intervalsChart, metafeaturesChart, overtuningChart, paretoChart, profilesChart, sensitivityChart, winsChart } from "./charts.js";
import { familiesOfPage } from "./look.js";
import { chartPool } from "./pool.js";
import { startPage } from "./state_of_page.js";

/** @import { SiteData } from "../data/types.js" */
/** @import { Imputation } from "../ranking/types.js" */
/** @import { Shown } from "./charts.js" */
/** @import { Chosen } from "./state_of_page.js" */

const root = document.body.dataset.root ?? "";

/**
 * @param {string} path from the site's root
 * @returns {Promise<any>}
 */
async function loadJson(path) {
  const answer = await fetch(root + path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
  return answer.json();
}

async function start() {
  const site = await loadSite(root);
  const families = familiesOfPage();
  const files = ["data/curves.json", "data/sensitivity.json", "data/metafeatures.json"];
  const [curves, sensitivity, features] = await Promise.all(files.map(loadJson));
  /** @type {Shown | undefined} */
  let shown;
  const now = () => /** @type {Shown} */ (shown);
  const intervals = intervalsChart(now);
  const frames = [
    paretoChart(now), intervals, winsChart(now), criticalChart(now), profilesChart(now),
    curvesChart(now, curves, loadJson), overtuningChart(now), sensitivityChart(now, sensitivity), metafeaturesChart(now, features),
  ];
  jumpWithoutAddress();
  await startPage(site, async (chosen) => {
    const made = await shownOf(site, families, chosen);
    shown = made.shown;
    for (const frame of frames) frame.draw();
    await new Promise((drawn) => setTimeout(drawn));
    shown.sure = intervalsOf(shown.board, made.rules);
    shown.isSure = true;
    intervals.draw();
  });
}

/**
 * The pool that is asked for, ranked.
 * @param {SiteData} site
 * @param {Shown["families"]} families
 * @param {Chosen} chosen
 */
async function shownOf(site, families, { regime, metric, impute, reference, isTaskKept, isModelKept }) {
  const regimes = regime === "all" ? regimesOf(site, metric) : [regime];
  const views = await Promise.all(regimes.map((name) => loadView(site, name, metric, root)));
  const kept = entrantsOf(site, views).filter((entrant) => isModelKept[entrant.model]);
  const entrants = poolOf(site, kept, isTaskKept);
  const rules = { impute: /** @type {Imputation} */ (impute), constant: "constant", reference, seed: 0 };
  const board = rankPool(entrants, rules);
  /** @type {Shown} */
  const shown = { site, regime, pool: chartPool(site, entrants, board), board, sure: null, isSure: false, families };
  return { shown, rules };
}

/** The list of charts scrolls and leaves the address alone, which holds the state. */
function jumpWithoutAddress() {
  for (const link of document.querySelectorAll(".jump a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const heading = document.getElementById(`${link.getAttribute("href")?.slice(1)}-title`);
      heading?.setAttribute("tabindex", "-1");
      heading?.focus({ preventScroll: true });
      heading?.scrollIntoView();
    });
  }
}

start().catch((error) => {
  const trouble = document.getElementById("trouble");
  if (!trouble) throw error;
  trouble.textContent = `The charts could not be drawn: ${error instanceof Error ? error.message : error}`;
  trouble.hidden = false;
  throw error;
});
