// The plots page: makes the pool that the address asks for, and hands it to the charts.

import { loadSite, loadView } from "../data/load.js";
import { intervalsOf, rankPool } from "../ranking/leaderboard.js";
import { entrantsOf, poolOf } from "../ranking/pool.js";
import { criticalChart, curvesChart, intervalsChart, metafeaturesChart, overtuningChart, paretoChart, profilesChart, sensitivityChart, winsChart } from "./charts.js";
import { familiesOfPage } from "./look.js";
import { chartPool } from "./pool.js";

/** @import { Shown } from "./charts.js" */

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
  const [curves, sensitivity] = await Promise.all([loadJson("data/curves.json"), loadJson("data/sensitivity.json")]);
  const regime = site.views.some((view) => view.regime === "tuned") ? "tuned" : site.views[0].regime;
  const view = await loadView(site, regime, "primary", root);
  const entrants = poolOf(site, entrantsOf(site, [view]), site.tasks.map(() => true));
  const rules = { impute: /** @type {const} */ ("constant"), constant: "constant", reference: "", seed: 0 };
  const board = rankPool(entrants, rules);
  /** @type {Shown} */
  const shown = { site, view, regime, pool: chartPool(site, entrants, board), board, sure: null, families };
  const now = () => shown;
  const intervals = intervalsChart(now);
  const frames = [
    paretoChart(now), intervals, winsChart(now), criticalChart(now), profilesChart(now),
    curvesChart(now, curves, loadJson), overtuningChart(now), sensitivityChart(now, sensitivity), metafeaturesChart(now),
  ];
  for (const frame of frames) frame.draw();
  shown.sure = intervalsOf(board, rules);
  intervals.draw();
}

start().catch((error) => {
  const trouble = document.getElementById("trouble");
  if (!trouble) throw error;
  trouble.textContent = `The charts could not be drawn: ${error instanceof Error ? error.message : error}`;
  trouble.hidden = false;
  throw error;
});
