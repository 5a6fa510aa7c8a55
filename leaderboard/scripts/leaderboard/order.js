// The order of the rows, and their places.

import { compareKeys } from "../parts/sort.js";
import { columnNamed } from "./columns.js";

/** @import { Row } from "./rows.js" */
/** @import { State } from "./state.js" */

/**
 * Place of each ranked entrant by the aggregate; equal numbers share one.
 * @param {Row[]} rows
 * @param {string} by
 * @returns {Map<string, number>}
 */
export function placesOf(rows, by) {
  const sign = columnNamed(by)?.isFalling ? -1 : 1;
  const ranked = rows.filter((row) => row.is_ranked && Number.isFinite(row[by]));
  ranked.sort((a, b) => sign * (a[by] - b[by]));
  /** @type {Map<string, number>} */
  const places = new Map();
  ranked.forEach((row, i) => {
    const isTied = i > 0 && row[by] === ranked[i - 1][by];
    places.set(row.entrant, isTied ? (places.get(ranked[i - 1].entrant) ?? i + 1) : i + 1);
  });
  return places;
}

/**
 * The rows that are shown, in their order: those that the search finds, unranked ones last.
 * @param {Row[]} rows
 * @param {State} state
 * @returns {Row[]}
 */
export function ordered(rows, state) {
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter((row) => state.pinned.includes(row.entrant) || words.every((word) => row.entrant.toLowerCase().includes(word)));
  const name = state.sort || state.by;
  const sign = (columnNamed(name)?.isFalling ? -1 : 1) * (state.isReversed ? -1 : 1);
  return found.sort(
    (a, b) =>
      Number(b.is_ranked) - Number(a.is_ranked) ||
      compareKeys(a[name] ?? null, b[name] ?? null, sign) ||
      (a.mean_rank ?? Infinity) - (b.mean_rank ?? Infinity) ||
      (a.entrant < b.entrant ? -1 : 1),
  );
}
