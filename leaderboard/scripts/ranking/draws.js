// What a bootstrap repeats: tasks drawn anew, by family of related tables (tabbench/ranking/draws.py).

import { TASKS, integer, randomWords } from "./portable.js";

export const N_ROUNDS = 2000;

/**
 * Weights of the tasks in every round.
 * @typedef {object} Draws
 * @property {Float64Array} weights round by round, each summing to 1
 * @property {number} nTasks
 * @property {number} degrees of freedom behind the spread of the rounds
 * @property {number} stretch the rounds spread too little by this factor
 */

/**
 * Number of each task's family, in the order in which they first occur.
 * @param {string[]} families
 * @returns {{numbers: Int32Array, nFamilies: number}}
 */
export function numbered(families) {
  /** @type {Map<string, number>} */
  const numbers = new Map();
  for (const name of families) if (!numbers.has(name)) numbers.set(name, numbers.size);
  return { numbers: Int32Array.from(families, (name) => numbers.get(name) ?? 0), nFamilies: numbers.size };
}

/**
 * Draw as many families as there are, with replacement; each brings all its tasks.
 * @param {string[]} families of each task
 * @param {number} seed
 * @param {number} [nRounds]
 * @returns {Draws}
 */
export function taskBootstrap(families, seed, nRounds = N_ROUNDS) {
  const { numbers, nFamilies } = numbered(families);
  const nTasks = families.length;
  const words = randomWords(seed, TASKS, nRounds, nFamilies);
  const weights = new Float64Array(nRounds * nTasks);
  const times = new Int32Array(nFamilies);
  for (let round = 0; round < nRounds; round++) {
    times.fill(0);
    for (let i = 0; i < nFamilies; i++) times[integer(words[round * nFamilies + i], nFamilies)]++;
    let held = 0;
    for (const family of numbers) held += times[family];
    for (let task = 0; task < nTasks; task++) weights[round * nTasks + task] = times[numbers[task]] / held;
  }
  const stretch = nFamilies > 1 ? Math.sqrt(nFamilies / (nFamilies - 1)) : NaN;
  return { weights, nTasks, degrees: nFamilies - 1, stretch };
}
