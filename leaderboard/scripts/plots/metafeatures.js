// A property of tasks against the difference of two models or families on them.

import { relativeDifference } from "../statistics/signed_rank.js";
import { isNarrow, plotLibrary, withLook } from "./look.js";
import { percent, significant } from "./table.js";

/** @import { TaskData } from "../data/types.js" */
/** @import { Drawn, Pool } from "./types.js" */

/** @typedef {{name: string, isLog: boolean, isShare: boolean, of: (task: TaskData) => number | null}} Fact */

/** What tasks are told apart by. @type {Record<string, Fact>} */
export const FACTS = {
  n_rows: { name: "rows", isLog: true, isShare: false, of: (task) => task.n_rows },
  n_columns: { name: "columns", isLog: true, isShare: false, of: (task) => task.n_columns },
  rows_per_column: { name: "rows per column", isLog: true, isShare: false, of: (task) => task.n_rows / task.n_columns },
  categorical_share: { name: "categorical share of columns", isLog: false, isShare: true, of: (task) => task.n_categorical / task.n_columns },
  missing_share: { name: "missing share of cells", isLog: false, isShare: true, of: (task) => task.missing_share },
  n_classes: { name: "classes", isLog: true, isShare: false, of: (task) => task.n_classes || null },
  majority_share: { name: "share of the largest class", isLog: false, isShare: true, of: (task) => task.majority_share },
};

/**
 * The metafeatures of the store as facts.
 * @param {Record<string, Record<string, number>>} features by name, then by task
 * @returns {Record<string, Fact>}
 */
export function factsOf(features) {
  return Object.fromEntries(
    Object.entries(features).map(([name, values]) => {
      const all = Object.values(values);
      const [least, most] = [Math.min(...all), Math.max(...all)];
      /** @type {Fact} */
      const fact = { name, isLog: least > 0 && most > 100 * least, isShare: false, of: (task) => values[task.name] ?? null };
      return [`feature:${name}`, fact];
    }),
  );
}

/**
 * Mean error of a side on each task of a pool: of a model, or of the best model of a family.
 * @param {Pool} pool
 * @param {Float64Array} byTask mean errors, task by task, a number a model
 * @param {string} side `model:NAME` or `family:NAME`
 * @returns {number[]}
 */
export function errorsOfSide(pool, byTask, side) {
  const n = pool.names.length;
  const [kind, name] = [side.slice(0, side.indexOf(":")), side.slice(side.indexOf(":") + 1)];
  const members = pool.names.map((_, i) => i).filter((i) => (kind === "model" ? pool.names[i] : pool.families[i]) === name);
  return pool.tasks.map((_, task) => Math.min(...members.map((i) => byTask[task * n + i])));
}

/**
 * @param {{task: TaskData, first: number, second: number}[]} tasks with the errors of both sides
 * @param {Fact} fact
 * @param {[string, string]} names of the sides
 * @param {number} width
 * @returns {Drawn}
 */
export function drawMetafeature(tasks, fact, names, width) {
  const Plot = plotLibrary();
  const dots = tasks.flatMap(({ task, first, second }) => {
    const x = fact.of(task);
    if (x === null || !Number.isFinite(x) || !Number.isFinite(first) || !Number.isFinite(second)) return [];
    return [{ task, x, first, second, gap: relativeDifference(first, second) }];
  });
  const table = {
    columns: ["task", fact.name, names[0], names[1], "relative difference"],
    rows: dots.map((dot) => [dot.task.name, dot.x, dot.first, dot.second, dot.gap]),
  };
  if (!dots.length) return { svg: null, table, note: "No task tells this." };
  const show = (/** @type {number} */ x) => (fact.isShare ? percent(x, 0) : x >= 1000 ? Math.round(x).toLocaleString("en") : significant(x));
  const middle = thirds(dots);
  const svg = Plot.plot(
    withLook(width, {
      height: isNarrow(width) ? 340 : 400,
      marginLeft: 60,
      x: { type: fact.isLog ? "log" : "linear", grid: true, nice: true, label: `${fact.name}${fact.isLog ? " (log)" : ""} →`, tickFormat: show, ticks: isNarrow(width) ? 4 : 8 },
      y: { grid: true, nice: true, label: `↑ ${names[1]} better · ${names[0]} better ↓`, tickFormat: (/** @type {number} */ y) => percent(y, 0, true), ticks: 6 },
      marks: [
        Plot.ruleY([0], { stroke: "var(--soft)" }),
        Plot.line(middle, { x: "x", y: "gap", stroke: "var(--soft)", strokeDasharray: "4 4", strokeWidth: 1.5 }),
        Plot.dot(dots, {
          x: "x", y: "gap", r: 5, fill: (/** @type {typeof dots[0]} */ dot) => (dot.gap < 0 ? "var(--wins-high)" : dot.gap > 0 ? "var(--wins-low)" : "var(--soft)"),
          symbol: (/** @type {typeof dots[0]} */ dot) => dot.task.task_type, stroke: "var(--paper)", strokeWidth: 1,
          ariaLabel: (/** @type {typeof dots[0]} */ dot) => `${dot.task.name}\n${fact.name} ${show(dot.x)}\n${names[0]} ${significant(dot.first, 4)}\n${names[1]} ${significant(dot.second, 4)}\ndifference ${percent(dot.gap, 1, true)}`,
        }),
      ],
      symbol: { domain: ["binary", "multiclass", "regression"], range: ["circle", "diamond", "square"] },
    }),
  );
  const won = dots.filter((dot) => dot.gap < 0).length;
  return { svg, table, note: `${dots.length} tasks: ${names[0]} has the lower error on ${won}, ${names[1]} on ${dots.filter((dot) => dot.gap > 0).length}. Circle: binary, diamond: multiclass, square: regression.` };
}

/**
 * Medians of the lower, middle and upper third of the tasks; none under nine tasks.
 * @param {{x: number, gap: number}[]} dots
 */
function thirds(dots) {
  if (dots.length < 9) return [];
  const sorted = [...dots].sort((a, b) => a.x - b.x);
  return [0, 1, 2].map((third) => {
    const part = sorted.slice(Math.round((third * sorted.length) / 3), Math.round(((third + 1) * sorted.length) / 3));
    return { x: middleOf(part.map((dot) => dot.x)), gap: middleOf(part.map((dot) => dot.gap)) };
  });
}

/** @param {number[]} values */
function middleOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
