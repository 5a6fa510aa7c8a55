// The heat map of who beats whom.

import { isNarrow, plotLibrary, shortened, withLook } from "./look.js";
import { percent } from "./table.js";

/** @import { Drawn } from "./types.js" */

/**
 * @param {number[]} wins row by row: share of wins of the row over the column
 * @param {string[]} names in the order of mean ranks
 * @param {number} width
 * @returns {Drawn}
 */
export function drawWins(wins, names, width) {
  const Plot = plotLibrary();
  const n = names.length;
  /** @type {{row: number, column: number, wins: number}[]} */
  const cells = [];
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      if (row !== column) cells.push({ row, column, wins: wins[row * n + column] });
    }
  }
  const table = {
    columns: ["model", "other", "share of wins"],
    rows: cells.map((cell) => [names[cell.row], names[cell.column], cell.wins]),
  };
  if (n < 2) return { svg: null, table, note: "It takes two models." };
  const marginLeft = Math.min(Math.max(...names.map((name) => shortened(name, isNarrow(width) ? 14 : 24).length)) * 6.8 + 30, width / 3);
  const side = Math.min((width - marginLeft - 12) / n, 46);
  const svg = Plot.plot(
    withLook(marginLeft + side * n + 12, {
      marginLeft, marginTop: 26, marginRight: 12, marginBottom: 8,
      height: Math.max(side, 20) * n + 34,
      x: { domain: names.map((_, i) => i), axis: "top", tickSize: 0, label: null, tickFormat: (/** @type {number} */ i) => (side < 18 && i % 2 ? "" : i + 1), padding: 0.06 },
      y: {
        domain: names.map((_, i) => i), tickSize: 0, label: null, padding: 0.06,
        tickFormat: (/** @type {number} */ i) => `${shortened(names[i], isNarrow(width) ? 14 : 24)}  ${i + 1}`,
      },
      marks: [
        Plot.cell(cells, {
          x: "column", y: "row", rx: 2,
          fill: { value: (/** @type {{wins: number}} */ cell) => shade(cell.wins), scale: null },
          ariaLabel: (/** @type {typeof cells[0]} */ cell) =>
            `${names[cell.row]} against ${names[cell.column]}\nwins ${percent(cell.wins)} of splits`,
        }),
        side < 24
          ? null
          : Plot.text(cells, {
              x: "column", y: "row", text: (/** @type {{wins: number}} */ cell) => String(Math.round(100 * cell.wins)),
              fill: "var(--ink)", pointerEvents: "none", fontSize: 11, ariaHidden: "true",
            }),
      ],
    }),
  );
  return { svg, table, note: "Per cent of splits on which the row beats the column." };
}

/**
 * From orange over the ground to teal; at most three fifths of either, so that figures stay readable on it.
 * @param {number} wins
 */
function shade(wins) {
  const share = Math.round(Math.abs(wins - 0.5) * 2 * 62);
  return `color-mix(in oklab, var(${wins < 0.5 ? "--wins-low" : "--wins-high"}) ${share}%, var(--wins-none))`;
}
