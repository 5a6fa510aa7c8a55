// Models that the reader dropped onto the page: a layer between the published data and every page, kept in this tab.

/** @import { ModelData, SiteData, View } from "./types.js" */

/**
 * A model of the reader's own; errors by split number of the published site, null where a split failed.
 * @typedef {object} Added
 * @property {string} name
 * @property {string} metric whose errors these are: the name of a metric of the site, `primary` or another
 * @property {string} regime of the published models that it stands among; empty: of each
 * @property {[number, number | null][]} errors
 */

const KEY = "tabbench-added";
const MOST_NAME = 80;

/** @type {WeakMap<SiteData, {site: SiteData, added: Added[]}>} */
const origins = new WeakMap();

/** @returns {Added[]} what was dropped earlier in this tab, as long as it reads as such */
export function heldModels() {
  try {
    const held = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(held) && held.every(isAdded) ? held : [];
  } catch {
    return []; // storage may be closed to pages from disk
  }
}

/**
 * Keep models for the other pages of this tab.
 * @param {Added[]} added
 * @returns {boolean} false where the browser keeps nothing
 */
export function holdModels(added) {
  try {
    if (added.length) sessionStorage.setItem(KEY, JSON.stringify(added));
    else sessionStorage.removeItem(KEY);
    return true;
  } catch {
    return false;
  }
}

/** @param {any} value */
function isAdded(value) {
  const isRow = (/** @type {any} */ row) =>
    Array.isArray(row) && Number.isInteger(row[0]) && (row[1] === null || Number.isFinite(row[1]));
  const words = [value?.name, value?.metric, value?.regime];
  return words.every((word) => typeof word === "string" && word.length <= MOST_NAME) && Array.isArray(value.errors) && value.errors.every(isRow);
}

/**
 * The site with models added; tasks and splits stay as they are, models stay in the order of their names.
 * @param {SiteData} site as it is published
 * @param {Added[]} added
 * @returns {SiteData}
 */
export function withAdded(site, added) {
  if (!added.length) return site;
  const made = { ...site, models: [...site.models, ...added.map(modelOf)].sort(byName) };
  made.models = made.models.map((model) => ({ ...model }));
  origins.set(made, { site, added });
  return made;
}

/**
 * The published site below one with models added, or the site itself.
 * @param {SiteData} site
 * @returns {SiteData}
 */
export function publishedOf(site) {
  return origins.get(site)?.site ?? site;
}

/**
 * A published view, widened to the models of a site with some added.
 * @param {SiteData} site what `withAdded` returned, or any other
 * @param {View} view of the published site
 * @returns {View}
 */
export function viewWithAdded(site, view) {
  const origin = origins.get(site);
  if (!origin) return view;
  const width = site.models.length;
  const place = new Map(site.models.map((model, i) => [model.name, i]));
  const columns = origin.site.models.map((model) => place.get(model.name) ?? 0);
  const errors = widened(view.errors, columns, width);
  for (const model of origin.added.filter((one) => stands(one, view))) {
    const column = place.get(model.name) ?? 0;
    for (const [split, error] of model.errors) {
      if (split < site.splits.task.length) errors[split * width + column] = error ?? Infinity;
    }
  }
  const byTask = Object.fromEntries(Object.entries(view.byTask).map(([name, values]) => [name, widened(values, columns, width)]));
  return { facts: view.facts, nModels: width, errors, byTask };
}

/**
 * @param {Added} model
 * @param {View} view
 */
function stands(model, view) {
  return model.metric === view.facts.metric && (!model.regime || model.regime === view.facts.regime);
}

/**
 * Rows of a number a model, with room for more models.
 * @param {Float64Array} values
 * @param {number[]} columns where each of the old ones goes
 * @param {number} width
 */
function widened(values, columns, width) {
  const n = columns.length ? values.length / columns.length : 0;
  const made = new Float64Array(n * width).fill(NaN);
  for (let row = 0; row < n; row++) {
    columns.forEach((column, i) => (made[row * width + column] = values[row * columns.length + i]));
  }
  return made;
}

/**
 * @param {Added} added
 * @returns {ModelData}
 */
function modelOf(added) {
  return {
    name: added.name, title: added.name, family: "other", kind: "model", licence: "", version: 1, pretrained_on: null,
    defaults_tuned_on: null, seen_tasks: [], has_space: false, page: "",
  };
}

/**
 * @param {ModelData} a
 * @param {ModelData} b
 */
function byName(a, b) {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
