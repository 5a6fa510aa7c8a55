// Two models over tasks: what `tabbench compare` says, but for its hierarchical test (tabbench/ranking/comparison.py).

import { taskBootstrap } from "../ranking/draws.js";
import { meanRounds, percentileEnds } from "../ranking/intervals.js";
import { correlatedTBeliefs, signedRankBeliefs } from "./beliefs.js";
import { studentQuantile, studentShare } from "./distributions.js";
import { possibleEnds, relativeDifference, signTest, wilcoxon } from "./signed_rank.js";

/** @import { Beliefs } from "./beliefs.js" */
/** @import { Tested } from "./signed_rank.js" */

/** @typedef {{low: number, high: number}} Interval of level 0.95 */

/**
 * Two models on a task; differences are first minus second, relative to the larger error.
 * @typedef {object} TaskComparison
 * @property {number} task its number
 * @property {number} nSplits on which both have an error
 * @property {number} firstError mean over them
 * @property {number} secondError
 * @property {number} difference mean over them
 * @property {Interval | null} interval of the difference; null with one split
 * @property {number | null} p of the corrected resampled t-test; null with one split
 * @property {Beliefs | null} beliefs of the correlated t-test; null with one split
 */

/**
 * @typedef {object} Comparison
 * @property {TaskComparison[]} tasks
 * @property {number} won tasks on which the first has the lower error
 * @property {number} lost
 * @property {number} tied
 * @property {number} difference mean over tasks
 * @property {Interval | null} newTasks its interval over draws of tasks; null under ten families of tasks
 * @property {Interval | null} thisSuite over draws of these tasks' splits; null where a task has one
 * @property {Tested} wilcoxon
 * @property {Tested} sign
 * @property {Beliefs} signedRank
 */

/**
 * The splits of a task on which both models have an error.
 * @typedef {object} TaskErrors
 * @property {number} task
 * @property {string} family tasks of related tables share one
 * @property {number} testPerTrain test rows over train rows
 * @property {number[]} first errors, split by split
 * @property {number[]} second
 */

const FEWEST_TASKS = 10;
const N_ROUNDS = 10000;
const NO_DIFFERENCE = 1e-9;

/**
 * @param {TaskErrors[]} tasks at least one, each with a split
 * @param {number} [rope] differences below it are practically none; above 0
 * @param {number} [seed] of all draws
 * @returns {Comparison}
 */
export function compareModels(tasks, rope = 0.01, seed = 0) {
  const splits = tasks.map(({ first, second }) => first.map((error, i) => relativeDifference(error, second[i])));
  const d = splits.map((values) => mean(values)).map((value) => (Math.abs(value) > NO_DIFFERENCE ? value : 0));
  return {
    tasks: tasks.map((task, i) => compareOnTask(task, splits[i], rope)),
    won: d.filter((value) => value < 0).length,
    lost: d.filter((value) => value > 0).length,
    tied: d.filter((value) => value === 0).length,
    difference: mean(d),
    newTasks: newTasksInterval(d, tasks.map((task) => task.family), seed),
    thisSuite: suiteInterval(splits, tasks.map((task) => task.testPerTrain)),
    wilcoxon: wilcoxon(d),
    sign: signTest(d),
    signedRank: signedRankBeliefs(d, rope, seed),
  };
}

/**
 * @param {TaskErrors} task
 * @param {number[]} splits
 * @param {number} rope
 * @returns {TaskComparison}
 */
function compareOnTask(task, splits, rope) {
  const n = splits.length;
  const difference = mean(splits);
  const said = { task: task.task, nSplits: n, firstError: mean(task.first), secondError: mean(task.second), difference };
  if (n < 2) return { ...said, interval: null, p: null, beliefs: null };
  const scale = Math.sqrt(correctedVariance(splits, task.testPerTrain));
  const reach = scale * studentQuantile(n - 1, 0.975);
  return {
    ...said,
    interval: possibleEnds(difference - reach, difference + reach, splits),
    p: scale ? 2 * studentShare(n - 1, -Math.abs(difference) / scale) : Number(difference === 0),
    beliefs: correlatedTBeliefs(difference, scale, n - 1, rope),
  };
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Variance of a mean over splits that share rows. Source: Nadeau & Bengio (2003), Machine Learning 52:239-281.
 * @param {number[]} splits
 * @param {number} testPerTrain
 */
function correctedVariance(splits, testPerTrain) {
  const middle = mean(splits);
  const variance = splits.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (splits.length - 1);
  return (1 / splits.length + testPerTrain) * variance;
}

/**
 * @param {number[]} d
 * @param {string[]} families
 * @param {number} seed
 * @returns {Interval | null}
 */
function newTasksInterval(d, families, seed) {
  if (new Set(families).size < FEWEST_TASKS) return null;
  const draws = taskBootstrap(families, seed, N_ROUNDS);
  const { low, high } = percentileEnds(meanRounds(Float64Array.from(d), draws, 1), draws, 1);
  return { low: low[0], high: high[0] };
}

/**
 * Satterthwaite's interval of the mean over these tasks, for other splits of them.
 * @param {number[][]} splits
 * @param {number[]} testPerTrain
 * @returns {Interval | null}
 */
function suiteInterval(splits, testPerTrain) {
  if (splits.some((values) => values.length < 2)) return null;
  const middle = mean(splits.map(mean));
  const variances = splits.map((values, i) => correctedVariance(values, testPerTrain[i]));
  const total = variances.reduce((sum, value) => sum + value, 0);
  if (total === 0) return { low: middle, high: middle };
  const degrees = total ** 2 / variances.reduce((sum, value, i) => sum + value ** 2 / (splits[i].length - 1), 0);
  const reach = (studentQuantile(degrees, 0.975) * Math.sqrt(total)) / splits.length;
  return possibleEnds(middle - reach, middle + reach, splits.flat());
}
