// A results file of the reader: checked line by line against the tasks and splits of the site. No DOM: node can import it.

import { parseCsv } from "./csv_text.js";

/** @import { SiteData } from "../data/types.js" */
/** @import { Added } from "../data/added.js" */

/**
 * What came of reading a file.
 * @typedef {object} Checked
 * @property {Added[]} added empty where there are problems
 * @property {string[]} problems why the file cannot be used, with the line and how to mend it
 * @property {string[]} notes what a reader should know of a file that can be used
 */

const MOST_BYTES = 20_000_000;
const MOST_PROBLEMS = 8;
const MOST_MODELS = 20;
const MOST_NAME = 60;
const OURS = " (yours)";

/** Names that a column may have, in lower case. */
const COLUMNS = {
  task: ["task", "dataset"],
  split: ["split"],
  repeat: ["repeat"],
  fold: ["fold"],
  error: ["error", "test_error"],
  model: ["model"],
  regime: ["regime"],
};

/**
 * @param {Uint8Array} bytes
 * @param {string} fileName
 * @param {SiteData} site as it is published
 * @param {{metric: string, regime: string}} where its errors stand
 * @returns {Checked}
 */
export function readResults(bytes, fileName, site, where) {
  const wrong = wrongFile(bytes);
  if (wrong) return { added: [], problems: [wrong], notes: [] };
  const text = new TextDecoder().decode(bytes).replace(/^\ufeff/, "");
  const rows = parseCsv(text);
  if (rows.length < 2) return { added: [], problems: ["The file has no rows. It needs a heading (task,split,error) and a line for each split."], notes: [] };
  const columns = columnsOf(rows[0].cells);
  const lacking = lackingColumns(columns, rows[0].cells);
  if (lacking) return { added: [], problems: [lacking], notes: [] };
  return collect(rows.slice(1), columns, fileName, site, where);
}

/** @param {Uint8Array} bytes */
function wrongFile(bytes) {
  const starts = (/** @type {number[]} */ ...magic) => magic.every((byte, i) => bytes[i] === byte);
  if (!bytes.length) return "The file is empty.";
  if (bytes.length > MOST_BYTES) return `The file has ${(bytes.length / 1e6).toFixed(0)} MB; up to 20 MB are read. Leave only the rows of your model.`;
  if (starts(0x50, 0x41, 0x52, 0x31)) return "This is a Parquet file. Save it as CSV with the columns task, split, error.";
  if (starts(0x50, 0x4b)) return "This is a zip file or a spreadsheet. Save it as CSV with the columns task, split, error.";
  if (bytes.subarray(0, 4096).includes(0)) return "This is no text file. It must be a CSV with the columns task, split, error.";
  return "";
}

/** @typedef {Record<keyof typeof COLUMNS, number>} Places -1 where a column is absent */

/**
 * @param {string[]} head
 * @returns {Places}
 */
function columnsOf(head) {
  const names = head.map((name) => name.trim().toLowerCase());
  const place = (/** @type {string[]} */ wanted) => names.findIndex((name) => wanted.includes(name));
  return /** @type {Places} */ (Object.fromEntries(Object.entries(COLUMNS).map(([key, wanted]) => [key, place(wanted)])));
}

/**
 * @param {Places} columns
 * @param {string[]} head
 */
function lackingColumns(columns, head) {
  const lacking = [];
  if (columns.task < 0) lacking.push("task");
  if (columns.split < 0 && columns.fold < 0) lacking.push("split (or repeat and fold)");
  if (columns.error < 0) lacking.push("error");
  const found = head.slice(0, 8).map((name) => name.trim().slice(0, 30)).join(", ");
  return lacking.length ? `The first line must name the columns; ${lacking.join(", ")} is missing. It says: ${found}.` : "";
}

/**
 * @param {{line: number, cells: string[]}[]} rows
 * @param {Places} columns
 * @param {string} fileName
 * @param {SiteData} site
 * @param {{metric: string, regime: string}} where
 * @returns {Checked}
 */
function collect(rows, columns, fileName, site, where) {
  const splits = splitNumbers(site);
  const known = new Map(site.tasks.map((task, i) => [task.name, i]));
  const problems = new Problems();
  const unknown = new Set();
  const isSigned = where.metric === "r2";
  /** @type {Map<string, Map<number, number | null>>} */
  const found = new Map();
  for (const { line, cells } of rows) {
    const cell = (/** @type {keyof Places} */ name) => (columns[name] < 0 ? "" : (cells[columns[name]] ?? "").trim());
    if (cell("regime") && where.regime && cell("regime") !== where.regime) continue;
    const task = known.get(cell("task"));
    if (task === undefined) {
      unknown.add(cell("task").slice(0, MOST_NAME));
      continue;
    }
    const split = splitOf(splits[task], cell);
    if (split === undefined) {
      problems.add(`Line ${line}: ${cell("task")} has no split ${splitText(cell)}; here it has ${splits[task].list.length}: ${splitList(splits[task])}.`);
      continue;
    }
    const error = numberOf(cell("error"));
    if (Number.isNaN(error)) problems.add(`Line ${line}: ${shown(cell("error"))} is no number. Write it with a point, like 0.123; leave it empty where the split failed.`);
    else if (error !== null && error < 0 && !isSigned) problems.add(`Line ${line}: the error ${error} is negative. An error is lower-is-better: write 1 - AUC, not AUC, and RMSE, not its negative.`);
    const model = nameOf(cell("model"), fileName);
    const rowsOfModel = found.get(model) ?? new Map();
    if (rowsOfModel.has(split)) problems.add(`Line ${line}: ${cell("task")}, split ${splitText(cell)} stands twice${columns.model < 0 ? "" : ` for ${model}`}.`);
    rowsOfModel.set(split, error);
    found.set(model, rowsOfModel);
  }
  if (!found.size) problems.add(`No line is of a task that is published here. Those are: ${nearby(site, unknown)}.`);
  if (found.size > MOST_MODELS) problems.add(`The file holds ${found.size} models; up to ${MOST_MODELS} are added at once.`);
  if (problems.n) return { added: [], problems: problems.told(), notes: [] };
  return { added: addedOf(found, site, where), problems: [], notes: notesOf(found, site, unknown) };
}

/** The first few problems, and how many more there are. */
class Problems {
  constructor() {
    this.n = 0;
    /** @type {string[]} */
    this.first = [];
  }

  /** @param {string} text */
  add(text) {
    if (this.n++ < MOST_PROBLEMS) this.first.push(text);
  }

  told() {
    return this.n > MOST_PROBLEMS ? [...this.first, `… and ${this.n - MOST_PROBLEMS} more.`] : this.first;
  }
}

/** @typedef {{list: [number, number, number][], byKey: Map<string, number>}} Splits repeat, fold and number of each */

/**
 * @param {SiteData} site
 * @returns {Splits[]} of each task
 */
function splitNumbers(site) {
  /** @type {Splits[]} */
  const made = site.tasks.map(() => ({ list: [], byKey: new Map() }));
  site.splits.task.forEach((task, number) => {
    const [repeat, fold] = [site.splits.repeat[number], site.splits.fold[number]];
    made[task].list.push([repeat, fold, number]);
    made[task].byKey.set(`${repeat},${fold}`, number);
  });
  return made;
}

/**
 * A split by repeat and fold, or by one number that counts a task's splits from 0.
 * @param {Splits} splits
 * @param {(name: "split" | "repeat" | "fold") => string} cell
 * @returns {number | undefined}
 */
function splitOf(splits, cell) {
  if (cell("fold")) return splits.byKey.get(`${Number(cell("repeat") || 0)},${Number(cell("fold"))}`);
  return /^\d{1,6}$/.test(cell("split")) ? splits.list[Number(cell("split"))]?.[2] : undefined;
}

/** @param {(name: "split" | "repeat" | "fold") => string} cell */
function splitText(cell) {
  return shown(cell("fold") ? `repeat ${cell("repeat") || 0}, fold ${cell("fold")}` : cell("split"));
}

/** @param {Splits} splits */
function splitList(splits) {
  const last = splits.list.length - 1;
  return `split 0 to ${last}, or repeat 0 to ${Math.max(...splits.list.map(([repeat]) => repeat))} and fold 0 to ${Math.max(...splits.list.map(([, fold]) => fold))}`;
}

/**
 * @param {string} text
 * @returns {number | null} null where it is empty, NaN where it is no number
 */
function numberOf(text) {
  if (!text || /^(nan|null|na)$/i.test(text)) return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text)) ? Number(text) : NaN;
}

/** @param {string} text */
function shown(text) {
  return text ? `“${text.slice(0, 40)}”` : "nothing";
}

/**
 * @param {string} name
 * @param {string} fileName
 */
function nameOf(name, fileName) {
  const text = name || fileName.replace(/\.[^.]*$/, "");
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, "").trim().slice(0, MOST_NAME) || "your model";
}

/**
 * @param {SiteData} site
 * @param {Set<string>} unknown
 */
function nearby(site, unknown) {
  const names = site.tasks.slice(0, 6).map((task) => task.name).join(", ");
  const first = unknown.size ? `; the file has ${shown([...unknown][0])}` : "";
  return `${names}${site.tasks.length > 6 ? " …" : ""}${first}`;
}

/**
 * @param {Map<string, Map<number, number | null>>} found
 * @param {SiteData} site
 * @param {{metric: string, regime: string}} where
 * @returns {Added[]}
 */
function addedOf(found, site, where) {
  const taken = new Set(site.models.map((model) => model.name));
  return [...found].map(([name, errors]) => ({
    name: taken.has(name) ? name + OURS : name,
    metric: where.metric,
    regime: where.regime,
    errors: [...errors].sort((a, b) => a[0] - b[0]),
  }));
}

/**
 * @param {Map<string, Map<number, number | null>>} found
 * @param {SiteData} site
 * @param {Set<string>} unknown
 */
function notesOf(found, site, unknown) {
  const notes = [];
  if (unknown.size) notes.push(`${unknown.size} task${unknown.size > 1 ? "s are" : " is"} not published here and left out: ${[...unknown].slice(0, 4).map(shown).join(", ")}.`);
  const nSplits = site.splits.task.length;
  for (const [name, errors] of found) {
    const n = [...errors.values()].filter((error) => error !== null).length;
    if (n < nSplits) notes.push(`${name} has an error on ${n} of ${nSplits} splits; what is missing is filled in or left out by the rule of the leaderboard.`);
    if (site.models.some((model) => model.name === name)) notes.push(`A published model is called ${name}, so yours is shown as ${name}${OURS}.`);
  }
  return notes;
}
