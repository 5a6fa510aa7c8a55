// The page Ask: a question in SQL over the published rows, its answer as a table, a chart and a file.

import { byId, element } from "../parts/dom.js";
import { saveCsv } from "../plots/download.js";
import { firstChart, numeric, tableOf } from "./answer.js";
import { answerTable } from "./answer_table.js";
import { chart } from "./chart.js";
import { Engine } from "./engine.js";

/** @import { Table } from "../plots/table.js" */
/** @import { ChartKind } from "./answer.js" */

const MOST_SHOWN = 500;
const root = document.body.dataset.root ?? "";
const editor = /** @type {HTMLTextAreaElement} */ (byId("sql"));
const run = /** @type {HTMLButtonElement} */ (byId("run"));
const stop = /** @type {HTMLButtonElement} */ (byId("stop"));
const save = /** @type {HTMLButtonElement} */ (byId("save"));
const status = byId("status");
const answer = byId("answer");
const drawn = byId("drawn");
const selects = { kind: select("chart-kind"), x: select("chart-x"), y: select("chart-y") };

/** @type {Promise<Engine> | null} */
let starting = null;
/** @type {Table | null} */
let shown = null;

/** @param {string} id */
function select(id) {
  return /** @type {HTMLSelectElement} */ (byId(id));
}

/** @param {string} text */
function tell(text, isError = false) {
  status.textContent = text;
  status.classList.toggle("failed", isError);
}

/** @returns {Promise<Engine>} */
function engine() {
  starting ??= Engine.start(root, editor.dataset.database ?? "", tell);
  starting.catch(() => (starting = null));
  return starting;
}

async function ask() {
  const sql = editor.value.trim();
  if (!sql) return tell("Write a question, or take one of the examples.", true);
  run.disabled = true;
  stop.hidden = false;
  try {
    const started = await engine();
    tell("Asking");
    const begun = performance.now();
    const bytes = await started.query(sql);
    const table = read(bytes);
    show(table);
    const seconds = (performance.now() - begun) / 1000;
    tell(`${table.rows.length.toLocaleString("en")} row${table.rows.length === 1 ? "" : "s"} in ${seconds.toFixed(2)} s.`);
    history.replaceState(null, "", `#sql=${encodeURIComponent(sql)}`);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error), true);
  } finally {
    run.disabled = false;
    stop.hidden = true;
  }
}

/**
 * @param {Uint8Array} bytes
 * @returns {Table}
 */
function read(bytes) {
  const { fl } = /** @type {any} */ (globalThis);
  const arrow = fl.tableFromIPC(bytes, { useDate: true, useBigInt: true });
  const columns = arrow.names.map((/** @type {string} */ _, /** @type {number} */ i) => [...arrow.getChildAt(i)]);
  return tableOf(arrow.names, columns);
}

/** @param {Table} table */
function show(table) {
  shown = table;
  answer.replaceChildren(answerTable(table, MOST_SHOWN));
  byId("answered").hidden = false;
  const isNumber = numeric(table);
  const first = firstChart(table);
  const options = (/** @type {boolean} */ numbersAlone) =>
    table.columns.flatMap((name, i) => (!numbersAlone || isNumber[i] ? [element("option", { value: i }, name)] : []));
  selects.x.replaceChildren(...options(true));
  selects.y.replaceChildren(...options(false));
  selects.kind.value = first.kind;
  selects.x.value = String(first.x);
  selects.y.value = String(first.y);
  draw();
}

function draw() {
  if (!shown) return;
  const wanted = { kind: /** @type {ChartKind} */ (selects.kind.value), x: Number(selects.x.value), y: Number(selects.y.value) };
  const made = chart(shown, wanted, drawn.clientWidth);
  drawn.replaceChildren(...(made ? [made] : []));
}

/** @param {string} text */
function insert(text) {
  editor.setRangeText(text, editor.selectionStart, editor.selectionEnd, "end");
  editor.focus();
}

run.addEventListener("click", ask);
stop.addEventListener("click", async () => {
  const running = starting;
  starting = null;
  (await running)?.stop();
});
save.addEventListener("click", () => shown && saveCsv("tabbench_answer", shown));
for (const chosen of Object.values(selects)) chosen.addEventListener("change", draw);
editor.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    ask();
  }
});
for (const button of document.querySelectorAll("button[data-sql]")) {
  button.addEventListener("click", () => {
    editor.value = /** @type {HTMLElement} */ (button).dataset.sql ?? "";
    ask();
  });
}
for (const button of document.querySelectorAll("button[data-insert]")) {
  button.addEventListener("click", () => insert(/** @type {HTMLElement} */ (button).dataset.insert ?? ""));
}
const linked = new URLSearchParams(location.hash.slice(1)).get("sql");
if (linked) {
  editor.value = linked;
  tell("This question came with the link. Run it with the button.");
}
run.disabled = false;
