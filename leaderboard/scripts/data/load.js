// The door to the data: what is inlined in the page, else the files beside it. Nothing else fetches them.

import { heldModels, publishedOf, viewWithAdded, withAdded } from "./added.js";

/** @import { SiteData, View, ViewData } from "./types.js" */

export const VERSION = 1;

/** @type {Map<string, Promise<View>>} */
const views = new Map();

/**
 * The facts of the site, with the models that the reader added.
 * @param {string} root path from this page to the site's root: "" or "../"
 * @returns {Promise<SiteData>}
 */
export async function loadSite(root) {
  const inlined = document.getElementById("site-data");
  /** @type {SiteData} */
  const site = inlined ? JSON.parse(inlined.textContent ?? "") : await (await fetched(`${root}data/site.json`)).json();
  if (site.version !== VERSION) throw new Error(`The site's data are of version ${site.version}, its scripts of ${VERSION}.`);
  return withAdded(site, heldModels());
}

/**
 * The numbers of a regime under a metric; asked for once, however often it is called.
 * @param {SiteData} site
 * @param {string} regime
 * @param {string} metric
 * @param {string} root
 * @returns {Promise<View>}
 */
export function loadView(site, regime, metric, root) {
  const facts = site.views.find((view) => view.regime === regime && view.metric === metric);
  if (!facts) return Promise.reject(new Error(`There are no results of ${regime} by ${metric}.`));
  const held = views.get(facts.file);
  if (held) return held;
  const asked = readBytes(facts, root).then((bytes) => viewWithAdded(site, viewOf(publishedOf(site), facts, bytes)));
  asked.catch(() => views.delete(facts.file)); // a failed request may be tried again
  views.set(facts.file, asked);
  return asked;
}

/**
 * @param {SiteData} site
 * @param {ViewData} facts
 * @param {ArrayBuffer} bytes
 * @returns {View}
 */
export function viewOf(site, facts, bytes) {
  const numbers = new Float64Array(bytes);
  const nModels = site.models.length;
  const nErrors = site.splits.task.length * nModels;
  const size = site.tasks.length * nModels;
  const wanted = nErrors + site.task_columns.length * size;
  if (numbers.length !== wanted) throw new Error(`${facts.file} holds ${numbers.length} numbers, not ${wanted}.`);
  const byTask = Object.fromEntries(
    site.task_columns.map((name, i) => [name, numbers.subarray(nErrors + i * size, nErrors + (i + 1) * size)]),
  );
  return { facts, nModels, errors: numbers.subarray(0, nErrors), byTask };
}

/**
 * @param {ViewData} facts
 * @param {string} root
 * @returns {Promise<ArrayBuffer>}
 */
async function readBytes(facts, root) {
  const inlined = document.querySelector(`script[data-file="${CSS.escape(facts.file)}"]`);
  if (inlined) return Uint8Array.from(atob(inlined.textContent ?? ""), (letter) => letter.charCodeAt(0)).buffer;
  return (await fetched(root + facts.file)).arrayBuffer();
}

/**
 * @param {string} path
 * @returns {Promise<Response>}
 */
async function fetched(path) {
  if (location.protocol === "file:") {
    throw new Error("A page from disk may not read the other files of the site: look at it with `tabbench site serve`.");
  }
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
  return answer;
}
