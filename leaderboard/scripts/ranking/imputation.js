// What stands for an error that is missing (tabbench/ranking/imputation.py), and the names of entrants (entrants.py).

import { meanOverTasks } from "./averages.js";
import { percent } from "./words.js";

/** @import { Rules, Table } from "./types.js" */

/** Entrants with a larger share of missing splits are listed but not ranked. */
export const MOST_IMPUTED = 0.1 + 1e-9; // a tenth of the splits may be a bit more in the last digit

/**
 * Number of the entrant of that name: the very name, else the model by default, else under its first regime.
 * @param {string[]} names
 * @param {string} name
 * @returns {number} -1 where there is none
 */
export function entrantNamed(names, name) {
  for (const wanted of [name, `${name} (default)`]) {
    const found = names.indexOf(wanted);
    if (found >= 0) return found;
  }
  return names.findIndex((entrant) => entrant.startsWith(`${name} (`));
}

/**
 * Close the gaps of a pool by a named rule. Entrants with over 10 % missing splits leave the pool first.
 * @param {Table} table
 * @param {string[]} names
 * @param {Rules} rules
 * @returns {{table: Table, ranked: number[], tasks: number[], share: Float64Array, notices: string[]}} the table of the
 *   ranked entrants on the tasks and splits that remain, with the numbers that those have in the given one
 */
export function impute(table, names, rules) {
  const { nModels, nSplits } = table;
  const gaps = Float64Array.from(table.errors, (error) => (Number.isNaN(error) ? 1 : 0));
  const share = meanOverTasks(gaps, table);
  const ranked = Array.from(share.keys()).filter((i) => share[i] <= MOST_IMPUTED);
  /** @type {string[]} */
  const notices = [];
  if (ranked.length < nModels) {
    const left = Array.from(share.keys()).filter((i) => !(share[i] <= MOST_IMPUTED));
    notices.push(`Not ranked, over 10% of its splits missing: ${left.map((i) => `${names[i]} (${percent(share[i])})`).join(", ")}.`);
  }
  const errors = new Float64Array(nSplits * ranked.length);
  for (let split = 0; split < nSplits; split++) {
    ranked.forEach((model, i) => (errors[split * ranked.length + i] = table.errors[split * nModels + model]));
  }
  const standIn = errors.some(Number.isNaN) ? standInOf(table, errors, ranked.length, names, rules, notices) : null;
  if (standIn) {
    for (let i = 0; i < errors.length; i++) {
      if (Number.isNaN(errors[i])) errors[i] = standIn[Math.floor(i / ranked.length)];
    }
  }
  const whole = wholeSplits(table, errors, ranked.length);
  if (whole.nLost) {
    const lost = table.nTasks - whole.tasks.length;
    notices.push(`Left out for all: ${whole.nLost} of ${nSplits} splits, ${lost} whole tasks.`);
  }
  return { table: whole.table, ranked, tasks: whole.tasks, share, notices };
}

/**
 * What stands in on each split; nothing where gaps are to be left out.
 * @param {Table} table
 * @param {Float64Array} errors of the ranked
 * @param {number} nRanked
 * @param {string[]} names
 * @param {Rules} rules
 * @param {string[]} notices
 * @returns {Float64Array | null}
 */
function standInOf(table, errors, nRanked, names, rules, notices) {
  if (rules.impute === "leave_out") return null;
  if (rules.impute === "worst") return worstOnTask(table, errors, nRanked);
  const name = rules.impute === "constant" ? rules.constant : rules.reference || rules.constant;
  const number = entrantNamed(names, name);
  if (number < 0) {
    notices.push(`There are no rows of the model '${name}' that could stand in for missing errors: the splits are left out for all instead.`);
    return null;
  }
  return Float64Array.from({ length: table.nSplits }, (_, split) => table.errors[split * table.nModels + number]);
}

/**
 * The largest error on any split of the same task; NaN for a split on which nobody has one.
 * @param {Table} table
 * @param {Float64Array} errors
 * @param {number} nRanked
 */
function worstOnTask(table, errors, nRanked) {
  const ofTask = new Float64Array(table.nTasks).fill(-Infinity);
  const ofSplit = new Float64Array(table.nSplits).fill(-Infinity);
  errors.forEach((error, i) => {
    const split = Math.floor(i / nRanked);
    if (error > ofSplit[split]) ofSplit[split] = error;
    if (error > ofTask[table.taskOf[split]]) ofTask[table.taskOf[split]] = error;
  });
  return ofSplit.map((worst, split) => (worst === -Infinity ? NaN : ofTask[table.taskOf[split]]));
}

/**
 * The splits without a gap, and the tasks that they are of, numbered anew.
 * @param {Table} table
 * @param {Float64Array} errors
 * @param {number} nRanked
 */
function wholeSplits(table, errors, nRanked) {
  /** @type {number[]} */
  const splits = [];
  for (let split = 0; split < table.nSplits; split++) {
    const row = errors.subarray(split * nRanked, (split + 1) * nRanked);
    if (!row.some(Number.isNaN)) splits.push(split);
  }
  const tasks = [...new Set(splits.map((split) => table.taskOf[split]))];
  const numbers = new Map(tasks.map((task, i) => [task, i]));
  const kept = new Float64Array(splits.length * nRanked);
  splits.forEach((split, i) => kept.set(errors.subarray(split * nRanked, (split + 1) * nRanked), i * nRanked));
  /** @type {Table} */
  const whole = {
    nModels: nRanked,
    nSplits: splits.length,
    nTasks: tasks.length,
    taskOf: Int32Array.from(splits, (split) => numbers.get(table.taskOf[split]) ?? 0),
    errors: kept,
  };
  return { table: whole, tasks, nLost: table.nSplits - splits.length };
}
