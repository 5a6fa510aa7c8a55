// Performance profiles, as tabbench/ranking/profiles.py.

import { areTied } from "../ranking/ties.js";

/**
 * Share of tasks on which a model's error is within a factor of the best one, every task weighing the same.
 * @param {ArrayLike<number>} errors split by split, a number a model; at least 0, none missing
 * @param {number} nModels
 * @param {ArrayLike<number>} taskOf number of each split's task, 0..n-1
 * @param {number[]} ratios factors of at least 1
 * @returns {number[][]} factor by factor, a share a model
 */
export function performanceProfiles(errors, nModels, taskOf, ratios) {
  /** @type {number[]} */
  const sizes = [];
  for (const task of Array.from(taskOf)) sizes[task] = (sizes[task] ?? 0) + 1;
  const nTasks = sizes.filter((size) => size).length;
  const shares = ratios.map(() => new Array(nModels).fill(0));
  for (let split = 0; split < taskOf.length; split++) {
    const row = Array.from({ length: nModels }, (_, model) => errors[split * nModels + model]);
    const best = Math.min(...row);
    const weight = 1 / (sizes[taskOf[split]] * nTasks);
    row.forEach((error, model) => {
      const factor = areTied(error, best) ? 1 : best > 0 ? error / best : Infinity;
      ratios.forEach((ratio, i) => {
        if (factor <= ratio) shares[i][model] += weight;
      });
    });
  }
  return shares;
}
