// Which entrants can be told apart when all pairs are looked at together (tabbench/ranking/simultaneous.py).

import { N_ROUNDS, numbered } from "./draws.js";
import { SIGNS, randomWords } from "./portable.js";

const LEVEL = 0.95;
const ROUNDING = 1e-9;
const MOST_GROUPS = 1000;

/**
 * Whether the row's mean is lower than the column's over tasks like these, all ordered pairs at once, by step-down with
 * random signs. Source: Romano & Wolf (2005), JASA 100:94-108, section 3.
 * @param {Float64Array} values task by task, a number an entrant
 * @param {string[]} families of each task
 * @param {number} n entrants
 * @param {number} seed
 * @returns {Uint8Array} row by row
 */
export function isLower(values, families, n, seed) {
  const { numbers, nFamilies } = numbered(families);
  const sums = new Float64Array(nFamilies * n);
  numbers.forEach((family, task) => {
    for (let i = 0; i < n; i++) sums[family * n + i] += values[task * n + i];
  });
  const perScale = scalesOf(sums, nFamilies, n);
  const flipped = flippedSums(sums, nFamilies, n, seed);
  const score = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let gap = 0;
      for (let g = 0; g < nFamilies; g++) gap += sums[g * n + j] - sums[g * n + i];
      score[i * n + j] = gap * perScale[i * n + j];
    }
  }
  return stepDown(score, flipped, perScale, n);
}

/**
 * One over √(n Σ D²) of each pair; 0 where all differences are rounding.
 * @param {Float64Array} sums
 * @param {number} nFamilies
 * @param {number} n
 */
function scalesOf(sums, nFamilies, n) {
  let largest = 0;
  for (const sum of sums) largest = Math.max(largest, Math.abs(sum));
  const perScale = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let squares = 0;
      for (let g = 0; g < nFamilies; g++) squares += (sums[g * n + i] - sums[g * n + j]) ** 2;
      const scale = Math.sqrt(nFamilies * squares);
      perScale[i * n + j] = scale > ROUNDING * largest ? 1 / scale : 0;
    }
  }
  return perScale;
}

/**
 * Sums over families under random signs, round by round: + where a word is below 2³¹.
 * @param {Float64Array} sums
 * @param {number} nFamilies
 * @param {number} n
 * @param {number} seed
 */
function flippedSums(sums, nFamilies, n, seed) {
  const words = randomWords(seed, SIGNS, N_ROUNDS, nFamilies);
  const flipped = new Float64Array(N_ROUNDS * n);
  for (let round = 0; round < N_ROUNDS; round++) {
    for (let g = 0; g < nFamilies; g++) {
      const sign = words[round * nFamilies + g] < 2 ** 31 ? 1 : -1;
      for (let i = 0; i < n; i++) flipped[round * n + i] += sign * sums[g * n + i];
    }
  }
  return flipped;
}

/**
 * Decide pairs whose score passes the quantile of the largest among the open ones, until none is added.
 * @param {Float64Array} score
 * @param {Float64Array} flipped
 * @param {Float64Array} perScale
 * @param {number} n
 * @returns {Uint8Array}
 */
function stepDown(score, flipped, perScale, n) {
  const decided = new Uint8Array(n * n);
  for (;;) {
    const critical = largestQuantile(flipped, perScale, decided, n);
    let isAny = false;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (i !== j && !decided[i * n + j] && score[i * n + j] > critical + ROUNDING) {
          decided[i * n + j] = 2;
          isAny = true;
        }
      }
    }
    for (let k = 0; k < n * n; k++) decided[k] = decided[k] ? 1 : 0;
    if (!isAny) return decided;
  }
}

/**
 * Quantile over rounds, the higher order statistic, of the largest (row - column) × factor among the open pairs.
 * @param {Float64Array} flipped
 * @param {Float64Array} perScale
 * @param {Uint8Array} decided
 * @param {number} n
 */
function largestQuantile(flipped, perScale, decided, n) {
  const largest = new Float64Array(N_ROUNDS);
  for (let round = 0; round < N_ROUNDS; round++) {
    let most = 0;
    for (let i = 0; i < n; i++) {
      const own = flipped[round * n + i];
      for (let j = 0; j < n; j++) {
        if (i === j || decided[i * n + j]) continue;
        const value = (own - flipped[round * n + j]) * perScale[i * n + j];
        if (value > most) most = value;
      }
    }
    largest[round] = most;
  }
  return largest.sort()[Math.ceil(LEVEL * (N_ROUNDS - 1))];
}

/**
 * Best and worst place (1 is best) that each entrant may hold.
 * @param {Uint8Array} isBetter row told better than column
 * @param {number} n
 * @returns {{best: number[], worst: number[]}}
 */
export function rankSets(isBetter, n) {
  const best = Array(n).fill(1);
  const worst = Array(n).fill(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (!isBetter[i * n + j]) continue;
      best[j]++;
      worst[i]--;
    }
  }
  return { best, worst };
}

/**
 * Largest groups of entrants no two of which are told apart, by their best member; groups of one are left out.
 * Source: Bron & Kerbosch (1973), CACM 16:575-577, with a pivot.
 * @param {Uint8Array} isBetter
 * @param {number[]} order entrants from the best to the worst
 * @returns {number[][]} members from the best to the worst
 */
export function groupsNotToldApart(isBetter, order) {
  const n = order.length;
  const isApart = (/** @type {number} */ a, /** @type {number} */ b) =>
    Boolean(isBetter[order[a] * n + order[b]] || isBetter[order[b] * n + order[a]]);
  const joined = order.map((_, i) => new Set(order.map((__, j) => j).filter((j) => j !== i && !isApart(i, j))));
  /** @type {number[][]} */
  let cliques = [];
  /** @type {[number[], Set<number>, Set<number>][]} */
  const open = [[[], new Set(order.keys()), new Set()]];
  for (let branch = open.pop(); branch; branch = open.pop()) {
    const [clique, candidates, excluded] = branch;
    if (!candidates.size && !excluded.size) {
      cliques.push(clique.sort((a, b) => a - b));
      if (cliques.length > MOST_GROUPS) {
        cliques = runs(isApart, n);
        break;
      }
      continue;
    }
    branches(clique, candidates, excluded, joined, open);
  }
  const ordered = cliques.filter((group) => group.length > 1).sort(compareGroups);
  return ordered.map((group) => group.map((place) => order[place]));
}

/**
 * @param {number[]} clique
 * @param {Set<number>} candidates
 * @param {Set<number>} excluded
 * @param {Set<number>[]} joined
 * @param {[number[], Set<number>, Set<number>][]} open
 */
function branches(clique, candidates, excluded, joined, open) {
  const shared = (/** @type {number} */ i) => [...candidates].filter((j) => joined[i].has(j)).length;
  let pivot = -1;
  for (const i of [...candidates, ...excluded].sort((a, b) => a - b)) {
    if (pivot < 0 || shared(i) > shared(pivot)) pivot = i;
  }
  const left = new Set(candidates);
  const gone = new Set(excluded);
  for (const i of [...candidates].filter((j) => !joined[pivot].has(j)).sort((a, b) => a - b)) {
    const near = (/** @type {Set<number>} */ set) => new Set([...set].filter((j) => joined[i].has(j)));
    open.push([[...clique, i], near(left), near(gone)]);
    left.delete(i);
    gone.add(i);
  }
}

/**
 * @param {number[]} a
 * @param {number[]} b
 */
function compareGroups(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/**
 * Longest runs of neighbours no two of which are told apart.
 * @param {(a: number, b: number) => boolean} isApart
 * @param {number} n
 */
function runs(isApart, n) {
  /** @type {number[][]} */
  const found = [];
  let end = 0;
  for (let start = 0; start < n; start++) {
    let reach = start + 1;
    const isFree = () => Array.from({ length: reach - start }, (_, k) => start + k).every((k) => !isApart(k, reach));
    while (reach < n && isFree()) reach++;
    if (reach > end) {
      found.push(Array.from({ length: reach - start }, (_, k) => start + k));
      end = reach;
    }
  }
  return found;
}
