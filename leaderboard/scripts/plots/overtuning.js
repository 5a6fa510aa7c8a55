// Valid against test: a row a model, a dot a task.

import { isNarrow, plotLibrary, shortened, withLook } from "./look.js";
import { percent } from "./table.js";

/** @import { Drawn } from "./types.js" */

/**
 * @typedef {object} Told what valid promised of a model on a task
 * @property {string} name
 * @property {string} task
 * @property {number} share
 */

/**
 * @param {Told[]} dots those with a number
 * @param {string[]} names of the rows, the best model first
 * @param {(name: string) => string} colourOf
 * @param {string} word what the share is
 * @param {number} width
 * @returns {Drawn}
 */
export function drawOvertuning(dots, names, colourOf, word, width) {
  const Plot = plotLibrary();
  const table = { columns: ["model", "task", word], rows: dots.map((dot) => [dot.name, dot.task, dot.share]) };
  const rows = names.filter((name) => dots.some((dot) => dot.name === name));
  if (!rows.length) return { svg: null, table, note: "There are no such numbers here: nothing was chosen on valid." };
  const means = rows.map((name) => {
    const mine = dots.filter((dot) => dot.name === name);
    return { name, share: mine.reduce((sum, dot) => sum + dot.share, 0) / mine.length, n: mine.length };
  });
  const most = isNarrow(width) ? 16 : 28;
  const svg = Plot.plot(
    withLook(width, {
      marginLeft: Math.max(...rows.map((name) => shortened(name, most).length)) * 6.9 + 18,
      height: rows.length * 26 + 76,
      x: { grid: true, label: `${word} →`, tickFormat: (/** @type {number} */ x) => percent(x, 0), ticks: isNarrow(width) ? 4 : 8, nice: true },
      y: { domain: rows, label: null, tickSize: 0, tickFormat: (/** @type {string} */ name) => shortened(name, most) },
      marks: [
        Plot.ruleX([0], { stroke: "var(--soft)" }),
        Plot.dot(dots, {
          x: "share", y: "name", r: 4, fill: (/** @type {Told} */ dot) => colourOf(dot.name), fillOpacity: 0.45,
          ariaLabel: (/** @type {Told} */ dot) => `${dot.name}\n${dot.task}\n${word} ${percent(dot.share, 1, true)}`,
        }),
        Plot.tickX(means, {
          x: "share", y: "name", stroke: "var(--ink)", strokeWidth: 2.5, insetTop: 3, insetBottom: 3,
          ariaLabel: (/** @type {typeof means[0]} */ mean) => `${mean.name}\nmean of ${mean.n} tasks: ${percent(mean.share, 1, true)}`,
        }),
      ],
    }),
  );
  return { svg, table, note: `${dots.length} pairs of model and task.` };
}
