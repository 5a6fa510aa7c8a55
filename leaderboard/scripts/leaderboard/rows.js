// A row of the table for every entrant of a pool; the builder makes the first ones in the same shape (first_view.py).

import { median } from "../ranking/averages.js";

/** @import { Board, Sure } from "../ranking/leaderboard.js" */
/** @import { Entrant, Pool } from "../ranking/types.js" */

/**
 * Numbers by the names of `tabbench rank`; null where there is none. `NAME_low` and `NAME_high` are ends of intervals.
 * @typedef {Record<string, any> & {entrant: string, model: number, regime: string, is_ranked: boolean,
 *   is_unbounded: boolean, groups: string}} Row
 */

/** Columns over tasks whose mean is shown; of the others it is the median. */
const MEANS = ["optimism", "passed_over"];

/**
 * @param {Pool} pool
 * @param {Board} board
 * @param {Sure | null} sure
 * @returns {Row[]} in the order of the pool
 */
export function rowsOf(pool, board, sure) {
  return pool.entrants.map((entrant, number) => {
    const place = board.ranked.indexOf(number);
    /** @type {Row} */
    const row = {
      entrant: entrant.name,
      model: entrant.model,
      regime: entrant.view.facts.regime,
      is_ranked: place >= 0 && board.table.nTasks > 0,
      is_unbounded: board.isUnbounded[place] ?? false,
      groups: "",
      imputed_share: board.share[number],
      n_tasks: pool.tasks.length,
      n_tasks_finished: board.finished[number],
      ...overTasks(entrant, pool.tasks),
    };
    if (row.is_ranked) addNumbers(row, place, board, sure);
    return row;
  });
}

/**
 * @param {Row} row
 * @param {number} place
 * @param {Board} board
 * @param {Sure | null} sure
 */
function addNumbers(row, place, board, sure) {
  for (const [name, values] of Object.entries(board.points)) row[name] = known(values[place]);
  if (!sure) return;
  for (const [name, ends] of Object.entries(sure.ends)) {
    row[`${name}_low`] = known(ends.low[place]);
    row[`${name}_high`] = known(ends.high[place]);
  }
  row.rank_low = sure.best[place];
  row.rank_high = sure.worst[place];
  row.groups = sure.letters[place];
}

/**
 * What a view tells by task, over the tasks of a pool.
 * @param {Entrant} entrant
 * @param {number[]} tasks
 */
function overTasks({ view, model }, tasks) {
  return Object.fromEntries(
    Object.entries(view.byTask).map(([name, values]) => {
      const there = tasks.map((task) => values[task * view.nModels + model]).filter(Number.isFinite);
      const mean = there.reduce((sum, value) => sum + value, 0) / there.length;
      return [name, known(MEANS.includes(name) ? mean : median(there))];
    }),
  );
}

/** @param {number} value */
function known(value) {
  return Number.isNaN(value) ? null : value;
}
