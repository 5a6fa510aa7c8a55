// The table: a row an entrant, the ranked aggregate drawn with its interval, groups as bars beside the names.

import { breakable, drawing, element } from "../parts/dom.js";
import { columnNamed } from "./columns.js";
import { drawnCell, scaleOf, scaleTicks } from "./intervals.js";

/** @import { SiteData } from "../data/types.js" */
/** @import { Column } from "./columns.js" */
/** @import { Scale } from "./intervals.js" */
/** @import { Row } from "./rows.js" */
/** @import { State } from "./state.js" */

/**
 * @typedef {object} Actions
 * @property {(column: string) => void} sort
 * @property {(entrant: string) => void} pin
 */

/**
 * What is drawn.
 * @typedef {object} Shown
 * @property {SiteData} site
 * @property {State} state
 * @property {Row[]} rows in the order of the table
 * @property {Map<string, number>} places of the ranked, by the aggregate
 * @property {string} times where fit and predict seconds were seen
 */

/**
 * The whole table.
 * @param {Shown} shown
 * @param {Actions} actions
 * @returns {HTMLTableElement}
 */
export function tableOf(shown, actions) {
  const { state, rows } = shown;
  const by = /** @type {Column} */ (columnNamed(state.by));
  const columns = state.columns.filter((name) => name !== state.by).flatMap((name) => columnNamed(name) ?? []);
  const isBaseline = (/** @type {Row} */ row) => shown.site.models[row.model].kind === "baseline";
  const scale = scaleOf(rows, state.by, isBaseline);
  const nGroups = new Set(rows.flatMap((row) => [...row.groups])).size;
  const isPinned = (/** @type {Row} */ row) => state.pinned.includes(row.entrant);
  const bodies = [rows.filter(isPinned), rows.filter((row) => !isPinned(row))];
  const lines = bodies.map((part, i) => {
    const body = element("tbody", { class: i ? null : "pinned" });
    body.append(...part.map((row) => lineOf(row, shown, by, columns, scale, nGroups, !i, actions)));
    return body;
  });
  return element(
    "table",
    { class: "leaderboard" },
    element("caption", { class: "unseen" }, `Models ranked by ${by.title}`),
    headOf(shown, by, columns, scale, nGroups, actions),
    ...lines.filter((body) => body.rows.length),
  );
}

/**
 * @param {Shown} shown
 * @param {Column} by
 * @param {Column[]} columns
 * @param {Scale} scale
 * @param {number} nGroups
 * @param {Actions} actions
 */
function headOf(shown, by, columns, scale, nGroups, actions) {
  const line = element("tr", {}, element("th", { scope: "col", class: "place" }, element("span", { class: "unseen" }, "Place"), "#"));
  line.append(heading("entrant", "Model", "", "text", shown, actions));
  const drawn = heading(by.name, by.title, "", "drawn", shown, actions, by.hint);
  drawn.append(scaleTicks(scale, by));
  line.append(drawn);
  if (scale.hasEnds) {
    line.append(heading("rank_low", "Place", "95 %", "number", shown, actions, "Places that it may hold, all entrants at once, at 95 %."));
  }
  if (nGroups) {
    const hint = "Who shares a bar is not told apart by mean rank, all pairs at once, at 95 %.";
    line.append(element("th", { scope: "col", class: "groups", title: hint }, "Groups"));
  }
  for (const column of columns) {
    const isTime = column.name === "fit_seconds" || column.name === "predict_seconds";
    line.append(heading(column.name, column.title, isTime ? `s, ${shown.times}` : (column.unit ?? ""), "number", shown, actions, column.hint));
  }
  return element("thead", {}, line);
}

/**
 * A heading whose button sorts.
 * @param {string} name
 * @param {string} title
 * @param {string} unit
 * @param {string} kind
 * @param {Shown} shown
 * @param {Actions} actions
 * @param {string} [hint]
 */
function heading(name, title, unit, kind, { state }, actions, hint) {
  const isSorted = (state.sort || state.by) === name;
  const isFalling = Boolean(columnNamed(name)?.isFalling) !== state.isReversed;
  const button = element("button", { type: "button", class: "sort", title: hint, onclick: () => actions.sort(name) }, title);
  if (unit) button.append(element("span", { class: "unit" }, unit));
  const order = isSorted ? (isFalling ? "descending" : "ascending") : null;
  return element("th", { scope: "col", class: kind, "aria-sort": order, "data-column": name }, button);
}

/**
 * @param {Row} row
 * @param {Shown} shown
 * @param {Column} by
 * @param {Column[]} columns
 * @param {Scale} scale
 * @param {number} nGroups
 * @param {boolean} isPinned
 * @param {Actions} actions
 */
function lineOf(row, shown, by, columns, scale, nGroups, isPinned, actions) {
  const line = element("tr", { class: row.is_ranked ? null : "unranked", "data-entrant": row.entrant });
  line.append(element("td", { class: "place" }, shown.places.get(row.entrant) ?? "–"));
  line.append(nameCell(row, shown, isPinned, actions), drawnCell(row, by, scale));
  if (scale.hasEnds) line.append(element("td", { class: "number" }, placesOf(row)));
  if (nGroups) line.append(groupCell(row, nGroups));
  for (const column of columns) line.append(element("td", { class: "number" }, textOf(row, column)));
  return line;
}

/**
 * @param {Row} row
 * @param {Shown} shown
 * @param {boolean} isPinned
 * @param {Actions} actions
 */
function nameCell(row, { site, state }, isPinned, actions) {
  const model = site.models[row.model];
  const family = document.getElementById(`mark-${model.family}`) ? model.family : "other";
  const mark = drawing("svg", { class: `mark family-${family}`, viewBox: "0 0 16 16", "aria-hidden": "true" });
  mark.append(drawing("use", { href: `#mark-${family}` }));
  const name = model.page ? element("a", { href: model.page, title: model.title }, ...breakable(model.name)) : element("span", {}, ...breakable(model.name));
  const pin = element("button", {
    type: "button", class: "pin", "aria-pressed": String(isPinned), "aria-label": `Pin ${row.entrant} to the top`,
    title: isPinned ? "Unpin" : "Pin to the top", onclick: () => actions.pin(row.entrant),
  });
  pin.append(drawing("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, drawing("path", { d: "M5 1.5h6l-1 5 2.5 2.5H8.6V14L8 15l-.6-1V9H3.5L6 6.5z" })));
  const regime = state.regime === "all" ? element("span", { class: "tag" }, row.regime.replace("_", " + ")) : null;
  return element("th", { scope: "row" }, element("span", { class: "entrant" }, mark, name, regime, pin));
}

/**
 * A number as it is shown, and the same for a file of the table.
 * @param {Row} row
 * @param {Column} column
 */
export function textOf(row, column) {
  const value = row[column.name];
  if (value === null || value === undefined) return "–";
  return column.name === "n_tasks_finished" ? `${value}/${row.n_tasks}` : column.write(value);
}

/** @param {Row} row */
export function placesOf(row) {
  if (!row.rank_low) return "–";
  return row.rank_low === row.rank_high ? String(row.rank_low) : `${row.rank_low}–${row.rank_high}`;
}

/**
 * A bar a group; those who share one are not told apart.
 * @param {Row} row
 * @param {number} nGroups
 */
function groupCell(row, nGroups) {
  const cell = element("td", { class: "groups" });
  cell.append(element("span", { class: "unseen" }, row.groups ? `groups ${[...row.groups].join(", ")}` : "told apart from all"));
  const bars = element("span", { class: "bars", "aria-hidden": "true" });
  for (let i = 0; i < nGroups; i++) bars.append(element("span", { class: row.groups.includes(String.fromCharCode(97 + i)) ? "on" : null }));
  cell.append(bars);
  return cell;
}
