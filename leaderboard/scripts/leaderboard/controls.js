// The controls above the table: every one of them changes the state and nothing else.

import { element } from "../parts/dom.js";
import { AGGREGATES, COLUMNS } from "./columns.js";
import { FACTS, SPLIT_KINDS, splitKind } from "./filters.js";

/** @import { SiteData } from "../data/types.js" */
/** @import { State } from "./state.js" */

/** @typedef {(change: Partial<State>) => void} Change */

export const REGIMES = { default: "Default", tuned: "Tuned", tuned_ensembled: "Tuned + ensembled", all: "All together" };
/** @type {Record<string, string>} */
const TYPES = { binary: "Binary", multiclass: "Multiclass", regression: "Regression" };
/** @type {Record<string, string>} */
const RANGE_TITLES = {
  rows: "Rows", features: "Columns", classes: "Classes", categorical: "Categorical, %", missing: "Missing, %",
  majority: "Largest class, %",
};
export const RULES = {
  constant: "the constant predictor's", worst: "the worst on the task", leave_out: "none: leave the split out",
  reference: "that of another model:",
};
export const SEEN = { any: "all", unseen: "without those that saw a shown task", scratch: "without all pretrained ones" };

/**
 * Regime, metric, aggregate and search.
 * @param {SiteData} site
 * @param {State} state
 * @param {Change} change
 * @returns {HTMLElement[]}
 */
export function mainControls(site, state, change) {
  const regimes = regimesOf(site, state.metric);
  const offered = regimes.length > 1 ? [...regimes, "all"] : regimes;
  const query = element("input", {
    type: "search", id: "query", value: state.query, placeholder: "Find a model", autocomplete: "off",
    oninput: (/** @type {any} */ event) => change({ query: event.target.value }),
  });
  return [
    segmented("Configuration", "regime", offered.map((name) => [name, titleOfRegime(name)]), state.regime, (regime) => change({ regime })),
    chooser("Rank by", "by", AGGREGATES.map((column) => [column.name, column.title]), state.by, (by) => change({ by, sort: "", isReversed: false })),
    chooser("Metric", "metric", site.metrics.map((metric) => [metric.name, metric.title]), state.metric, (metric) => change({ metric })),
    element("div", { class: "field" }, element("label", { for: "query" }, "Search"), query),
  ];
}

/** @param {string} name */
export function titleOfRegime(name) {
  return /** @type {Record<string, string>} */ (REGIMES)[name] ?? name;
}

/**
 * Regimes with results by a metric, in the order they are offered.
 * @param {SiteData} site
 * @param {string} metric
 */
export function regimesOf(site, metric) {
  const there = site.views.filter((view) => view.metric === metric).map((view) => view.regime);
  return Object.keys(REGIMES).filter((name) => there.includes(name));
}

/**
 * What is kept: tasks, models, and the rule for gaps.
 * @param {SiteData} site
 * @param {State} state
 * @param {Change} change
 * @returns {HTMLElement[]}
 */
export function filterControls(site, state, change) {
  const count = (/** @type {(item: any) => boolean} */ holds, /** @type {any[]} */ items) => items.filter(holds).length;
  const list = (/** @type {string} */ legend, /** @type {keyof State} */ name, /** @type {[string, string, number][]} */ options) =>
    checkboxes(legend, name, options, /** @type {string[]} */ (state[name]), (values) => change({ [name]: values }));
  const types = Object.keys(TYPES).map((type) => [type, TYPES[type], count((task) => task.task_type === type, site.tasks)]);
  const splits = Object.entries(SPLIT_KINDS).map(([kind, title]) => [kind, title, count((task) => splitKind(task) === kind, site.tasks)]);
  const distinct = (/** @type {string[]} */ words) => [...new Set(words)].sort();
  const suites = distinct(site.tasks.flatMap((task) => task.suites)).map((name) => [name, name, count((task) => task.suites.includes(name), site.tasks)]);
  const families = distinct(site.models.map((model) => model.family)).map((name) => [name, familyTitle(name), count((model) => model.family === name, site.models)]);
  const licences = distinct(site.models.map((model) => model.licence)).map((name) => [name, name || "not told", count((model) => model.licence === name, site.models)]);
  const there = (/** @type {any[][]} */ options) => /** @type {[string, string, number][]} */ (options.filter((option) => option[2]));
  return [
    element("div", { class: "panel" }, element("h3", {}, "Tasks"), list("Type", "types", there(types)), rangeInputs(site, state, change), list("Splits", "splits", there(splits)), list("Suite", "suites", there(suites))),
    element("div", { class: "panel" }, element("h3", {}, "Models"), list("Family", "families", there(families)), list("Licence", "licences", there(licences)), seenControl(state, change), element("h3", {}, "Missing errors"), ...ruleControls(site, state, change)),
  ];
}

/** @param {string} family */
function familyTitle(family) {
  const words = family.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * @param {State} state
 * @param {Change} change
 */
function seenControl(state, change) {
  return chooser("Pretrained", "seen", Object.entries(SEEN), state.seen, (seen) => change({ seen }));
}

/**
 * @param {SiteData} site
 * @param {State} state
 * @param {Change} change
 */
function ruleControls(site, state, change) {
  const rule = chooser("Where an error is missing, put in", "impute", Object.entries(RULES), state.impute, (impute) => change({ impute }));
  if (state.impute !== "reference") return [rule];
  const models = site.models.map((model) => [model.name, model.name]);
  return [rule, chooser("Whose errors stand in", "reference", models, state.reference, (reference) => change({ reference }))];
}

/**
 * @param {SiteData} site
 * @param {State} state
 * @param {Change} change
 */
function rangeInputs(site, state, change) {
  const lines = Object.entries(FACTS).flatMap(([name, fact]) => {
    const values = site.tasks.map(fact).filter((value) => value !== null);
    if (new Set(values).size < 2) return [];
    const extent = [Math.floor(Math.min(...values)), Math.ceil(Math.max(...values))];
    const range = state.ranges[name] ?? [null, null];
    const ends = [0, 1].map((end) =>
      element("input", {
        type: "number", min: 0, step: "any", value: range[end], placeholder: extent[end], "aria-label": `${RANGE_TITLES[name]}, ${end ? "at most" : "at least"}`,
        "data-range": `${name}-${end}`,
        oninput: (/** @type {any} */ event) => {
          range[end] = event.target.value === "" ? null : Number(event.target.value);
          change({ ranges: { ...state.ranges, [name]: [range[0], range[1]] } });
        },
      }),
    );
    return [element("div", { class: "range" }, element("span", {}, RANGE_TITLES[name]), ends[0], element("span", { "aria-hidden": "true" }, "to"), ends[1])];
  });
  return element("fieldset", { class: "ranges" }, element("legend", {}, "Size and kind"), ...lines);
}

/**
 * Which columns are shown.
 * @param {State} state
 * @param {Change} change
 */
export function columnControls(state, change) {
  const options = COLUMNS.map((column) => /** @type {[string, string, null]} */ ([column.name, column.title, null]));
  const inOrder = (/** @type {string[]} */ names) => COLUMNS.map((column) => column.name).filter((name) => names.includes(name));
  return checkboxes("Columns", "columns", options, state.columns, (names) => change({ columns: inOrder(names) }));
}

/**
 * A few words, of which one holds.
 * @param {string} legend
 * @param {string} name
 * @param {string[][]} options
 * @param {string} chosen
 * @param {(value: string) => void} choose
 */
function segmented(legend, name, options, chosen, choose) {
  const labels = options.map(([value, title]) =>
    element("label", {}, element("input", { type: "radio", name, value, checked: value === chosen, onchange: () => choose(value) }), element("span", {}, title)),
  );
  return element("fieldset", { class: "switch" }, element("legend", {}, legend), element("div", { class: "options" }, ...labels));
}

/**
 * @param {string} title
 * @param {string} name
 * @param {string[][]} options
 * @param {string} chosen
 * @param {(value: string) => void} choose
 */
function chooser(title, name, options, chosen, choose) {
  const select = element("select", { id: name, onchange: (/** @type {any} */ event) => choose(event.target.value) });
  for (const [value, text] of options) select.append(element("option", { value, selected: value === chosen }, text));
  return element("div", { class: "field" }, element("label", { for: name }, title), select);
}

/**
 * Any of some words; none ticked is all of them.
 * @param {string} legend
 * @param {string} name
 * @param {[string, string, number | null][]} options
 * @param {string[]} chosen
 * @param {(values: string[]) => void} choose
 */
function checkboxes(legend, name, options, chosen, choose) {
  const group = element("fieldset", { class: "chips" }, element("legend", {}, legend));
  const read = () => choose(Array.from(group.querySelectorAll("input:checked"), (input) => /** @type {HTMLInputElement} */ (input).value));
  for (const [value, title, n] of options) {
    const input = element("input", { type: "checkbox", name, value, checked: chosen.includes(value), onchange: read });
    const number = n === null ? null : element("small", {}, n);
    group.append(element("label", {}, input, element("span", {}, title, number)));
  }
  return group;
}
