// From a state to the rows that it asks for: points at once, intervals when the thread has them.

import { loadView } from "../data/load.js";
import { FEWEST_TASKS, rankPool } from "../ranking/leaderboard.js";
import { entrantsOf, poolOf } from "../ranking/pool.js";
import { regimesOf } from "./controls.js";
import { keptModels, keptTasks } from "./filters.js";
import { rowsOf } from "./rows.js";
import { intervalsInThread, stopThread } from "./thread.js";

/** @import { SiteData } from "../data/types.js" */
/** @import { Rules } from "../ranking/types.js" */
/** @import { Row } from "./rows.js" */
/** @import { State } from "./state.js" */

/**
 * What the table is made of.
 * @typedef {object} Content
 * @property {Row[]} rows
 * @property {string[]} notices
 * @property {string} times
 * @property {number} nTasks
 * @property {boolean} isPending whether intervals are still to come
 */

/**
 * What decides the rows: two states with the same key have the same.
 * @param {State} state
 */
export function keyOf(state) {
  const { query, sort, isReversed, by, columns, pinned, ...rest } = state;
  return JSON.stringify(rest);
}

/**
 * The rows of a state, handed over once or twice.
 * @param {SiteData} site
 * @param {State} state
 * @param {(content: Content) => void} show
 */
export async function makeContent(site, state, show) {
  stopThread();
  const regimes = state.regime === "all" ? regimesOf(site, state.metric) : [state.regime];
  const views = await Promise.all(regimes.map((regime) => loadView(site, regime, state.metric, "")));
  const isTaskKept = keptTasks(site, state);
  const isModelKept = keptModels(site, state, isTaskKept);
  const entrants = entrantsOf(site, views).filter((entrant) => isModelKept[entrant.model]);
  const pool = poolOf(site, entrants, isTaskKept);
  const reference = state.impute === "reference" ? state.reference : "";
  /** @type {Rules} */
  const rules = { impute: /** @type {any} */ (state.impute), constant: "constant", reference, seed: 0 };
  const board = rankPool(pool, rules);
  const times = [...new Set(views.map((view) => view.facts.times))].join(" and ");
  const about = { notices: board.notices, times, nTasks: pool.tasks.length };
  const isPending = new Set(board.families).size >= FEWEST_TASKS && board.table.nModels > 1;
  show({ ...about, rows: rowsOf(pool, board, null), isPending });
  if (!isPending) return;
  const sure = await intervalsInThread(pool, rules);
  show({ ...about, rows: rowsOf(pool, board, sure), isPending: false });
}
