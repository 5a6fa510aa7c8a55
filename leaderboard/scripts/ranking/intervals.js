// Intervals of any aggregate from its bootstrap rounds (tabbench/ranking/intervals.py).

import { BradleyTerry, POINTS, upperHalf } from "./elo.js";
import { normalTail, studentQuantile } from "./student.js";

/** @import { Draws } from "./draws.js" */
/** @import { Ends } from "./types.js" */

const LEVEL = 0.95;

/**
 * Means of values per task in every round, terms added in the order of the tasks.
 * @param {Float64Array} values task by task
 * @param {Draws} draws
 * @param {number} nModels
 * @returns {Float64Array} round by round
 */
export function meanRounds(values, draws, nModels) {
  const { weights, nTasks } = draws;
  const nRounds = weights.length / nTasks;
  const rounds = new Float64Array(nRounds * nModels);
  for (let round = 0; round < nRounds; round++) {
    for (let task = 0; task < nTasks; task++) {
      const weight = weights[round * nTasks + task];
      if (weight === 0) continue;
      for (let i = 0; i < nModels; i++) rounds[round * nModels + i] += weight * values[task * nModels + i];
    }
  }
  return rounds;
}

/**
 * The Elo of every round, centred on the pool.
 * @param {Float64Array} wins of `taskWins`
 * @param {Float64Array} total of `totalWins`
 * @param {Draws} draws
 * @param {number} n entrants
 * @returns {Float64Array} round by round
 */
export function eloRounds(wins, total, draws, n) {
  const { weights, nTasks } = draws;
  const nRounds = weights.length / nTasks;
  const halves = Array.from({ length: nTasks }, (_, task) => upperHalf(wins, n, task * n * n));
  const solver = new BradleyTerry(n);
  const start = solver.rate(upperHalf(total, n), nTasks);
  const rounds = new Float64Array(nRounds * n);
  const held = new Float64Array((n * (n - 1)) / 2);
  for (let round = 0; round < nRounds; round++) {
    addWeighted(halves, weights, round * nTasks, nTasks, held);
    for (let pair = 0; pair < held.length; pair++) held[pair] = Math.min(Math.max(held[pair], 0), nTasks); // see elo.py
    const points = solver.rate(held, nTasks, start).map((value) => POINTS * value);
    const centre = poolCentre(points);
    for (let i = 0; i < n; i++) rounds[round * n + i] = points[i] - centre;
  }
  return rounds;
}

/**
 * Fill with the sum over tasks of nTasks × weight × values, four tasks at a time: this is most of the work.
 * @param {Float64Array[]} values of each task
 * @param {Float64Array} weights
 * @param {number} first where the round's weights begin
 * @param {number} nTasks
 * @param {Float64Array} out
 */
function addWeighted(values, weights, first, nTasks, out) {
  out.fill(0);
  const drawn = Array.from({ length: nTasks }, (_, task) => task).filter((task) => weights[first + task] !== 0);
  for (let i = 0; i < drawn.length; i += 4) {
    const [a, b, c, d] = [0, 1, 2, 3].map((k) => values[drawn[i + k] ?? 0]);
    const [p, q, r, s] = [0, 1, 2, 3].map((k) => (i + k < drawn.length ? nTasks * weights[first + drawn[i + k]] : 0));
    for (let pair = 0; pair < out.length; pair++) out[pair] += p * a[pair] + q * b[pair] + (r * c[pair] + s * d[pair]);
  }
}

/**
 * Elo of a player with an expected win rate of one half in the pool, by bisection.
 * @param {Float64Array} points
 * @returns {number}
 */
export function poolCentre(points) {
  let low = Math.min(...points);
  let high = Math.max(...points);
  const base = (low + high) / 2;
  const isMild = (high - low) / POINTS < 1000; // so that one exponential a round will do, without overflow
  const strengths = points.map((value) => Math.exp((value - base) / POINTS));
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    const own = Math.exp((middle - base) / POINTS);
    let sum = 0;
    for (let j = 0; j < points.length; j++) {
      sum += isMild ? own / (own + strengths[j]) : 1 / (1 + Math.exp((points[j] - middle) / POINTS));
    }
    if (sum > 0.5 * points.length) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

/**
 * Expanded percentile interval of each entrant's aggregate. Source: Hesterberg (2015), section 5.3.
 * @param {Float64Array} rounds
 * @param {Draws} draws
 * @param {number} nModels
 * @returns {Ends}
 */
export function percentileEnds(rounds, draws, nModels) {
  const tail = normalTail(draws.stretch * studentQuantile((1 - LEVEL) / 2, draws.degrees));
  const nRounds = rounds.length / nModels;
  const low = new Float64Array(nModels);
  const high = new Float64Array(nModels);
  const column = new Float64Array(nRounds);
  for (let i = 0; i < nModels; i++) {
    for (let round = 0; round < nRounds; round++) column[round] = rounds[round * nModels + i];
    column.sort();
    low[i] = quantile(column, tail);
    high[i] = quantile(column, 1 - tail);
  }
  return { low, high };
}

/**
 * Quantile of ordered values, linear between order statistics.
 * @param {Float64Array} ordered
 * @param {number} p
 */
function quantile(ordered, p) {
  const place = p * (ordered.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, ordered.length - 1);
  return ordered[below] + (ordered[above] - ordered[below]) * (place - below);
}

/**
 * Ends of a centred aggregate moved to where its estimates are shown.
 * @param {Float64Array} estimate as shown
 * @param {Float64Array} centred
 * @param {Ends} ends of the centred rounds
 * @returns {Ends}
 */
export function around(estimate, centred, ends) {
  return {
    low: estimate.map((value, i) => value + (ends.low[i] - centred[i])),
    high: estimate.map((value, i) => value + (ends.high[i] - centred[i])),
  };
}
