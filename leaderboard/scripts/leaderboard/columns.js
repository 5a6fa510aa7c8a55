// The columns of the table: what each shows, how it is written, and which way is good.

import { fixed } from "../ranking/words.js";

/**
 * @typedef {object} Column
 * @property {string} name of the number in a row
 * @property {string} title
 * @property {string} [unit] second line of the heading
 * @property {string} hint what it means, in a sentence
 * @property {boolean} [isFalling] larger is better: its first order is from large to small
 * @property {(value: number) => string} write
 * @property {(value: number) => string} [writeTick] on the scale of a drawing
 * @property {boolean} [isDefault]
 * @property {boolean} [isAggregate] the table can be ranked by it
 */

const whole = (/** @type {number} */ value) => fixed(value, 0);
const two = (/** @type {number} */ value) => fixed(value, 2);
const three = (/** @type {number} */ value) => fixed(value, 3);
const share = (/** @type {number} */ value) => `${fixed(100 * value, 1)} %`;

/**
 * Seconds with about two digits, as `tabbench rank` prints them.
 * @param {number} value
 */
export function seconds(value) {
  if (value >= 10 || value === 0) return fixed(value, 0);
  return value > 1e-6 ? fixed(value, 1 - Math.floor(Math.log10(value))) : "0";
}

/** @type {Column[]} */
export const COLUMNS = [
  { name: "elo", title: "Elo", hint: "Bradley-Terry rating from wins on every split; 400 points are odds of ten to one. The bounded entrants' mean is 1000.", isFalling: true, write: whole, isAggregate: true, isDefault: true },
  { name: "mean_rank", title: "Mean rank", hint: "Place by test error on each split, averaged over a task's splits, then over tasks. 1 is best.", write: two, writeTick: (v) => fixed(v, 1), isAggregate: true, isDefault: true },
  { name: "win_rate", title: "Win rate", hint: "Share of the other entrants that it beats; a tie is half a win.", isFalling: true, write: share, writeTick: (v) => `${fixed(100 * v, 0)} %`, isAggregate: true, isDefault: true },
  { name: "normalised_score", title: "Score", unit: "normalised", hint: "On each split 1 is the best entrant, 0 the median one and all below it; averaged like the rank.", isFalling: true, write: three, writeTick: two, isAggregate: true, isDefault: true },
  { name: "improvability", title: "Improvability", hint: "How much smaller its error would be had the best entrant of the split made it. It depends on the metric's scale.", write: share, writeTick: (v) => `${fixed(100 * v, 0)} %`, isAggregate: true },
  { name: "skill_score", title: "Skill", unit: "vs constant", hint: "1 minus the geometric mean of its error over the constant predictor's.", isFalling: true, write: three, writeTick: two, isAggregate: true },
  { name: "median_rank", title: "Median rank", hint: "Median over tasks of its mean rank on the task.", write: two },
  { name: "n_first", title: "Firsts", unit: "tasks", hint: "Tasks on which it is first: the share of splits on which nobody is better, added up.", isFalling: true, write: (v) => fixed(v, 1) },
  { name: "imputed_share", title: "Imputed", hint: "Share of splits without an error of its own; over 10 % it is listed but not ranked.", write: share, isDefault: true },
  { name: "fit_seconds", title: "Fit", unit: "s", hint: "Seconds to fit the chosen configuration: mean over a task's splits, median over tasks.", write: seconds, isDefault: true },
  { name: "predict_seconds", title: "Predict", unit: "s", hint: "Seconds to predict the test rows, averaged like the fit.", write: seconds, isDefault: true },
  { name: "search_seconds", title: "Search", unit: "s, shared machine", hint: "Seconds of all trials of a job together, while other fits ran beside them.", write: seconds, isDefault: true },
  { name: "memory_mib", title: "Memory", unit: "MiB", hint: "Peak resident memory of the fitting process: mean over a task's splits, median over tasks.", write: whole, isDefault: true },
  { name: "n_tasks_finished", title: "Tasks", hint: "Tasks with an error on every split.", isFalling: true, write: whole, isDefault: true },
  { name: "optimism", title: "Optimism", unit: "valid − test", hint: "By how much the choice looked better on valid than on test, as a share of the larger error.", write: share, isDefault: true },
  { name: "passed_over", title: "Passed over", hint: "By how much its test error exceeds that of the best trial that was not chosen.", write: share },
];

export const AGGREGATES = COLUMNS.filter((column) => column.isAggregate);
export const DEFAULT_COLUMNS = COLUMNS.filter((column) => column.isDefault).map((column) => column.name);

/** @param {string} name */
export function columnNamed(name) {
  return COLUMNS.find((column) => column.name === name);
}
