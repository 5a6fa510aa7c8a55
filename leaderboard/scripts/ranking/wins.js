// Who beats whom, ties half (tabbench/ranking/wins.py).

import { pairwiseSum, taskStarts } from "./averages.js";

/** @import { Table } from "./types.js" */

/**
 * Share of each task's splits on which the row's entrant beats the column's, ties half.
 * @param {Float64Array} ranks split by split
 * @param {Table} table
 * @returns {Float64Array} task by task, row by row
 */
export function taskWins(ranks, table) {
  const { nModels, nTasks } = table;
  const size = nModels * nModels;
  const wins = new Float64Array(nTasks * size);
  const starts = taskStarts(table.taskOf, nTasks);
  const counts = new Float64Array(size);
  for (let task = 0; task < nTasks; task++) {
    counts.fill(0);
    for (let split = starts[task]; split < starts[task + 1]; split++) {
      for (let i = 0; i < nModels; i++) {
        const rank = ranks[split * nModels + i];
        for (let j = i + 1; j < nModels; j++) {
          const other = ranks[split * nModels + j];
          if (rank < other) counts[i * nModels + j]++;
          else if (other < rank) counts[j * nModels + i]++;
        }
      }
    }
    const n = starts[task + 1] - starts[task];
    for (let i = 0; i < nModels; i++) {
      for (let j = 0; j < nModels; j++) {
        wins[task * size + i * nModels + j] = (counts[i * nModels + j] / n + 1 - counts[j * nModels + i] / n) / 2;
      }
    }
  }
  return wins;
}

/**
 * Sum over tasks of `taskWins`.
 * @param {Float64Array} wins
 * @param {number} nTasks
 * @returns {Float64Array}
 */
export function totalWins(wins, nTasks) {
  const size = wins.length / nTasks;
  const total = new Float64Array(size);
  for (let task = 0; task < nTasks; task++) {
    for (let i = 0; i < size; i++) total[i] += wins[task * size + i];
  }
  return total;
}

/**
 * Share of the other entrants that each beats; NaN for one alone.
 * @param {Float64Array} total of `totalWins`
 * @param {number} nTasks
 * @param {number} nModels
 */
export function winRates(total, nTasks, nModels) {
  const matrix = total.map((sum) => sum / nTasks);
  return Float64Array.from({ length: nModels }, (_, i) =>
    nModels < 2 ? NaN : (pairwiseSum(matrix, i * nModels, nModels, 1) - matrix[i * nModels + i]) / (nModels - 1),
  );
}
