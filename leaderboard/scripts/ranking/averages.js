// Averages over the splits of a task, then over tasks (tabbench/ranking/averages.py), in the order of NumPy's sums: a
// mean that lies between two shown digits is then the same to the last bit.

/** @import { Table } from "./types.js" */

/**
 * NumPy's pairwise sum of a strided run.
 * @param {Float64Array} values
 * @param {number} start
 * @param {number} n
 * @param {number} stride
 * @returns {number}
 */
export function pairwiseSum(values, start, n, stride) {
  if (n < 8) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[start + i * stride];
    return sum;
  }
  if (n > 128) {
    const half = Math.floor(n / 2) - (Math.floor(n / 2) % 8);
    return pairwiseSum(values, start, half, stride) + pairwiseSum(values, start + half * stride, n - half, stride);
  }
  const eight = new Float64Array(8);
  for (let i = 0; i < 8; i++) eight[i] = values[start + i * stride];
  let i = 8;
  for (; i < n - (n % 8); i += 8) {
    for (let j = 0; j < 8; j++) eight[j] += values[start + (i + j) * stride];
  }
  const [a, b, c, d, e, f, g, h] = eight;
  let sum = a + b + (c + d) + (e + f + (g + h));
  for (; i < n; i++) sum += values[start + i * stride];
  return sum;
}

/**
 * Where each task's splits begin; splits of a task stand together, tasks in order.
 * @param {Int32Array} taskOf
 * @param {number} nTasks
 * @returns {Int32Array} one more than there are tasks
 */
export function taskStarts(taskOf, nTasks) {
  const starts = new Int32Array(nTasks + 1);
  for (const task of taskOf) starts[task + 1]++;
  for (let task = 0; task < nTasks; task++) starts[task + 1] += starts[task];
  return starts;
}

/**
 * Mean of each task's splits, NaN left out.
 * @param {Float64Array} values split by split, a number a column
 * @param {Int32Array} taskOf
 * @param {number} nTasks
 * @param {number} nColumns
 * @returns {Float64Array} task by task
 */
export function taskMeans(values, taskOf, nTasks, nColumns) {
  const starts = taskStarts(taskOf, nTasks);
  const means = new Float64Array(nTasks * nColumns).fill(NaN);
  const finite = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) finite[i] = Number.isFinite(values[i]) ? values[i] : 0;
  for (let task = 0; task < nTasks; task++) {
    const size = starts[task + 1] - starts[task];
    for (let column = 0; column < nColumns; column++) {
      const start = starts[task] * nColumns + column;
      let n = 0;
      for (let i = 0; i < size; i++) n += Number.isFinite(values[start + i * nColumns]) ? 1 : 0;
      if (!n) continue;
      const rest = size > 1 ? pairwiseSum(finite, start + nColumns, size - 1, nColumns) : 0;
      means[task * nColumns + column] = (finite[start] + rest) / n;
    }
  }
  return means;
}

/**
 * Mean over rows, one after another.
 * @param {Float64Array} rows
 * @param {number} nColumns
 * @returns {Float64Array}
 */
export function columnMeans(rows, nColumns) {
  const sums = new Float64Array(nColumns);
  const n = rows.length / nColumns;
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < nColumns; column++) sums[column] += rows[row * nColumns + column];
  }
  return sums.map((sum) => sum / n);
}

/**
 * Mean over tasks of the task's mean over its splits.
 * @param {Float64Array} values split by split
 * @param {Table} table
 * @returns {Float64Array}
 */
export function meanOverTasks(values, table) {
  return columnMeans(taskMeans(values, table.taskOf, table.nTasks, table.nModels), table.nModels);
}

/**
 * Middle value of a copy, the mean of the two middle ones where there are two.
 * @param {ArrayLike<number>} values without NaN
 * @returns {number}
 */
export function median(values) {
  const ordered = Float64Array.from(values).sort();
  const half = ordered.length >> 1;
  if (!ordered.length) return NaN;
  return ordered.length % 2 ? ordered[half] : (ordered[half - 1] + ordered[half]) / 2;
}
