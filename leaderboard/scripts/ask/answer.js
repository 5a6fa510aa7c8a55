// An answer of the engine as plain rows, and which chart fits it. No DOM: node can import it.

/** @import { Table } from "../plots/table.js" */

/** @typedef {{names: string[], column: (i: number) => {values: () => Iterable<unknown>}}} ArrowColumns */
/** @typedef {"none" | "bars" | "dots" | "line"} ChartKind */

/**
 * Rows of numbers and text: times as UTC text, lists and structures as JSON.
 * @param {string[]} names
 * @param {unknown[][]} columns a list of values each
 * @returns {Table}
 */
export function tableOf(names, columns) {
  const n = columns.length ? columns[0].length : 0;
  const rows = Array.from({ length: n }, (_, i) => columns.map((column) => plain(column[i])));
  return { columns: names, rows };
}

/**
 * @param {unknown} value
 * @returns {string | number | null}
 */
export function plain(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString().replace("T", " ").replace(/\.?0*Z$/, "");
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? Number(inner) : ArrayBuffer.isView(inner) ? [.../** @type {any} */ (inner)] : inner));
}

/**
 * Which columns hold numbers.
 * @param {Table} table
 * @returns {boolean[]}
 */
export function numeric(table) {
  return table.columns.map((_, i) => table.rows.some((row) => row[i] !== null) && table.rows.every((row) => row[i] === null || typeof row[i] === "number"));
}

/**
 * A first chart: bars of a number by a word, else two numbers as dots.
 * @param {Table} table
 * @returns {{kind: ChartKind, x: number, y: number}} numbers of columns
 */
export function firstChart(table) {
  const isNumber = numeric(table);
  const numbers = isNumber.flatMap((is, i) => (is ? [i] : []));
  const words = isNumber.flatMap((is, i) => (is ? [] : [i]));
  if (table.rows.length < 2 || !numbers.length) return { kind: "none", x: 0, y: 0 };
  if (words.length && table.rows.length <= 60) return { kind: "bars", x: numbers[0], y: words[0] };
  if (numbers.length > 1) return { kind: "dots", x: numbers[0], y: numbers[1] };
  return { kind: "none", x: numbers[0], y: numbers[0] };
}
