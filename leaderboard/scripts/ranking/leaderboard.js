// Rank a pool: every number of `tabbench rank`, first the points, then the intervals.

import { columnMeans, median, meanOverTasks, taskMeans } from "./averages.js";
import { taskBootstrap } from "./draws.js";
import { elo } from "./elo.js";
import { entrantNamed, impute } from "./imputation.js";
import { around, eloRounds, meanRounds, percentileEnds, poolCentre } from "./intervals.js";
import { splitImprovability, splitLogRatios, splitNormalisedScores } from "./scores.js";
import { groupsNotToldApart, isLower, rankSets } from "./simultaneous.js";
import { splitRanks } from "./ties.js";
import { taskWins, totalWins, winRates } from "./wins.js";

/** @import { Aggregates, Ends, Pool, Rules, Table } from "./types.js" */

/** Under this a ranking is a demonstration: no intervals, no groups. */
export const FEWEST_TASKS = 10;
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/**
 * A ranked pool. Arrays about entrants follow `ranked`, which holds their numbers in the pool.
 * @typedef {object} Board
 * @property {number[]} ranked
 * @property {Table} table without gaps
 * @property {number[]} tasks of its table, as the site numbers them
 * @property {string[]} families of its tasks
 * @property {Float64Array} share of splits that were missing, of every entrant of the pool
 * @property {Int32Array} finished tasks with an error on every split, of every entrant of the pool
 * @property {string[]} notices
 * @property {Aggregates} points
 * @property {boolean[]} isUnbounded the battles put no bound on its Elo
 * @property {Record<string, Float64Array>} byTask of each aggregate that is a mean: task by task
 * @property {Float64Array} wins
 * @property {Float64Array} total
 */

/**
 * How sure the places are.
 * @typedef {object} Sure
 * @property {Record<string, Ends>} ends of `elo` and of each aggregate that is a mean
 * @property {number[]} best place that an entrant may hold, all at once
 * @property {number[]} worst
 * @property {string[]} letters of the groups of each; who shares one is not told apart
 * @property {number[][]} groups
 */

/**
 * The points of a pool.
 * @param {Pool} pool
 * @param {Rules} rules
 * @returns {Board}
 */
export function rankPool(pool, rules) {
  const names = pool.entrants.map((entrant) => entrant.name);
  const whole = impute(pool.table, names, rules);
  const { table, ranked } = whole;
  const ranks = splitRanks(table);
  const wins = taskWins(ranks, table);
  const total = totalWins(wins, table.nTasks);
  const of = (/** @type {Float64Array} */ values) => taskMeans(values, table.taskOf, table.nTasks, table.nModels);
  const reference = entrantNamed(ranked.map((i) => names[i]), rules.reference || rules.constant);
  /** @type {Record<string, Float64Array>} */
  const byTask = { mean_rank: of(ranks), normalised_score: of(splitNormalisedScores(table)) };
  byTask.improvability = of(splitImprovability(table));
  byTask.win_rate = byTask.mean_rank.map((rank) => (table.nModels > 1 ? (table.nModels - rank) / (table.nModels - 1) : NaN));
  byTask.skill_score = reference < 0 ? new Float64Array(byTask.mean_rank.length).fill(NaN) : of(splitLogRatios(table, reference));
  const isEmpty = !table.nTasks || !table.nModels;
  const rating = isEmpty ? { rating: new Float64Array(table.nModels).fill(NaN), isUnbounded: [] } : elo(total, table.nModels);
  return {
    ranked,
    table,
    tasks: whole.tasks.map((task) => pool.tasks[task]),
    families: whole.tasks.map((task) => pool.families[task]),
    share: whole.share,
    finished: finishedTasks(pool.table),
    notices: whole.notices,
    points: pointsOf(table, ranks, byTask, rating.rating, winRates(total, table.nTasks, table.nModels)),
    isUnbounded: rating.isUnbounded,
    byTask,
    wins,
    total,
  };
}

/**
 * @param {Table} table
 * @param {Float64Array} ranks
 * @param {Record<string, Float64Array>} byTask
 * @param {Float64Array} rating
 * @param {Float64Array} winRate
 * @returns {Aggregates}
 */
function pointsOf(table, ranks, byTask, rating, winRate) {
  const n = table.nModels;
  const column = (/** @type {number} */ i) => Array.from({ length: table.nTasks }, (_, task) => byTask.mean_rank[task * n + i]);
  const each = (/** @type {(values: number[]) => number} */ how) => Float64Array.from({ length: n }, (_, i) => how(column(i)));
  const isNegative = table.errors.some((error) => error < 0);
  return {
    mean_rank: columnMeans(byTask.mean_rank, n),
    elo: rating,
    win_rate: winRate,
    normalised_score: columnMeans(byTask.normalised_score, n),
    improvability: isNegative ? new Float64Array(n).fill(NaN) : columnMeans(byTask.improvability, n),
    skill_score: columnMeans(byTask.skill_score, n).map((mean) => 1 - Math.exp(mean)),
    median_rank: each(median),
    best_rank: each((values) => Math.min(...values)),
    worst_rank: each((values) => Math.max(...values)),
    n_first: meanOverTasks(firstShares(ranks, n), table).map((share) => share * table.nTasks),
  };
}

/**
 * Share of each split's first place that each entrant holds.
 * @param {Float64Array} ranks
 * @param {number} n
 */
function firstShares(ranks, n) {
  const shares = new Float64Array(ranks.length);
  for (let start = 0; start < ranks.length; start += n) {
    const row = ranks.subarray(start, start + n);
    const least = Math.min(...row);
    const nFirst = row.filter((rank) => rank === least).length;
    row.forEach((rank, i) => (shares[start + i] = rank === least ? 1 / nFirst : 0));
  }
  return shares;
}

/**
 * Tasks on which each entrant has an error on every split.
 * @param {Table} table
 */
function finishedTasks(table) {
  const gaps = new Uint8Array(table.nTasks * table.nModels);
  table.errors.forEach((error, i) => {
    if (Number.isNaN(error)) gaps[table.taskOf[Math.floor(i / table.nModels)] * table.nModels + (i % table.nModels)] = 1;
  });
  const finished = new Int32Array(table.nModels).fill(table.nTasks);
  gaps.forEach((gap, i) => (finished[i % table.nModels] -= gap));
  return finished;
}

/**
 * The intervals of a ranked pool; null where its families of tasks are too few.
 * @param {Board} board
 * @param {Rules} rules
 * @returns {Sure | null}
 */
export function intervalsOf(board, rules) {
  const { table, families, points, byTask } = board;
  const n = table.nModels;
  if (new Set(families).size < FEWEST_TASKS || n < 2) return null;
  const draws = taskBootstrap(families, rules.seed);
  if (!(draws.degrees > 0)) return null;
  /** @type {Record<string, Ends>} */
  const ends = {};
  for (const [name, values] of Object.entries(byTask)) {
    if (values.some(Number.isNaN)) continue;
    ends[name] = percentileEnds(meanRounds(values, draws, n), draws, n);
  }
  if (ends.skill_score) {
    const { low, high } = ends.skill_score;
    ends.skill_score = { low: high.map((mean) => 1 - Math.exp(mean)), high: low.map((mean) => 1 - Math.exp(mean)) };
  }
  const centre = poolCentre(points.elo);
  const centred = points.elo.map((value) => value - centre);
  ends.elo = around(points.elo, centred, percentileEnds(eloRounds(board.wins, board.total, draws, n), draws, n));
  const isBetter = isLower(byTask.mean_rank, families, n, rules.seed);
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => points.mean_rank[a] - points.mean_rank[b] || a - b);
  const groups = groupsNotToldApart(isBetter, order);
  return { ends, ...rankSets(isBetter, n), groups, letters: groupLetters(groups, n) };
}

/**
 * Letters of the groups of each entrant; none where there are more groups than letters.
 * @param {number[][]} groups
 * @param {number} n
 */
function groupLetters(groups, n) {
  const shown = groups.length <= LETTERS.length ? groups : [];
  return Array.from({ length: n }, (_, model) =>
    shown.map((group, i) => (group.includes(model) ? LETTERS[i] : "")).join(""),
  );
}
