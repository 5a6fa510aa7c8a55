// A ranked pool as the charts take it: models by their number among those that are ranked.

import { splitRanks } from "../ranking/ties.js";
import { taskMeans } from "../ranking/averages.js";
import { lineLook } from "./look.js";

/** @import { SiteData } from "../data/types.js" */
/** @import { Board } from "../ranking/leaderboard.js" */
/** @import { Pool as Entrants } from "../ranking/types.js" */
/** @import { Pool, Series } from "./types.js" */

const N_AT_FIRST = 6;

/**
 * @param {SiteData} site
 * @param {Entrants} entrants
 * @param {Board} board
 * @returns {Pool}
 */
export function chartPool(site, entrants, board) {
  const ranked = board.ranked.map((i) => entrants.entrants[i]);
  const means = board.points.mean_rank;
  return {
    names: ranked.map((entrant) => entrant.name),
    families: ranked.map((entrant) => site.models[entrant.model].family),
    models: ranked.map((entrant) => entrant.model),
    views: ranked.map((entrant) => entrant.view),
    errors: board.table.errors,
    taskOf: board.table.taskOf,
    tasks: board.tasks,
    order: ranked.map((_, i) => i).sort((a, b) => means[a] - means[b] || a - b),
  };
}

/**
 * The models of a pool as lines, best first; those after the first six are off until asked for.
 * @param {Pool} pool
 * @returns {Series[]}
 */
export function modelSeries(pool) {
  return pool.order.map((model, place) => ({
    key: pool.names[model],
    name: pool.names[model],
    isOff: place >= N_AT_FIRST,
    ...lineLook(place),
  }));
}

/**
 * Mean errors of the tasks, and their ranks.
 * @param {Pool} pool
 * @returns {{errors: Float64Array, ranks: Float64Array}} task by task, a number a model
 */
export function errorsByTask(pool) {
  const nModels = pool.names.length;
  const nTasks = pool.tasks.length;
  const errors = taskMeans(pool.errors, pool.taskOf, nTasks, nModels);
  const taskOf = Int32Array.from({ length: nTasks }, (_, i) => i);
  return { errors, ranks: splitRanks({ nModels, nSplits: nTasks, nTasks, taskOf, errors }) };
}

/**
 * Place of each model by mean rank, ties sharing the middle place.
 * @param {ArrayLike<number>} meanRanks
 * @returns {number[]}
 */
export function placesOf(meanRanks) {
  const all = Array.from(meanRanks);
  return all.map((mine) => 1 + all.filter((other) => other < mine).length + (all.filter((other) => other === mine).length - 1) / 2);
}
