// The choices of the leaderboard on another page: the same words in the address, the same controls, kept from page to page.

import { filterControls, mainControls, regimesOf } from "../leaderboard/controls.js";
import { keptModels, keptTasks } from "../leaderboard/filters.js";
import { openingReference, readState, writeState } from "../leaderboard/state.js";
import { byId } from "../parts/dom.js";

/** @import { SiteData } from "../data/types.js" */
/** @import { State } from "../leaderboard/state.js" */

/**
 * What the state comes to.
 * @typedef {object} Chosen
 * @property {string} regime or "all"
 * @property {string} metric
 * @property {string} impute
 * @property {string} reference
 * @property {boolean[]} isTaskKept of each task of the site
 * @property {boolean[]} isModelKept of each model
 */

const OPENING_ORDER = ["tuned", "default"];
const CONTROLS_SHOWN = [0, 2]; // regime and metric; what orders the table, and the search, are the table's own
const OWN_WORDS = ["first", "second"]; // of the compare page

/**
 * Read the address, show the controls, and follow both from then on.
 * @param {SiteData} site
 * @param {(chosen: Chosen) => Promise<void>} follow
 */
export async function startPage(site, follow) {
  const opening = openingState(site);
  const allowed = { reference: site.models.map((model) => model.name) };
  let state = readState(location.hash, opening, allowed);
  let queue = Promise.resolve();
  const draw = () => {
    const held = document.activeElement?.id;
    byId("main-controls").replaceChildren(...mainControls(site, state, change).filter((_, i) => CONTROLS_SHOWN.includes(i)));
    byId("filter-controls").replaceChildren(...filterControls(site, state, change));
    if (held) document.getElementById(held)?.focus();
  };
  const apply = () => {
    writeAddress(state, opening);
    const chosen = chosenOf(site, state);
    const nTasks = chosen.isTaskKept.filter(Boolean).length;
    const nModels = chosen.isModelKept.filter(Boolean).length;
    byId("status").textContent = `${nModels} of ${site.models.length} models, ${nTasks} of ${site.tasks.length} tasks.`;
    const drawn = queue.then(() => follow(chosen));
    queue = drawn.then(() => tell(null), tell); // one that failed does not keep the next from being drawn
    return drawn;
  };
  /** @param {Partial<State>} what */
  const change = (what) => {
    state = { ...state, ...what };
    if ("metric" in what || "impute" in what) draw();
    apply();
  };
  addEventListener("hashchange", () => {
    state = readState(location.hash, opening, allowed);
    draw();
    apply();
  });
  byId("reset").addEventListener("click", () => {
    state = { ...opening, columns: state.columns, pinned: state.pinned };
    draw();
    apply();
  });
  const drawer = byId("filter-drawer");
  drawer.addEventListener("click", () => {
    const isOpen = drawer.getAttribute("aria-expanded") === "true";
    drawer.setAttribute("aria-expanded", String(!isOpen));
    byId("filter-controls").hidden = isOpen;
  });
  byId("controls").hidden = false;
  draw();
  await apply();
}

/** @param {Error | null} error why what is shown is not what was chosen */
function tell(error) {
  byId("trouble").hidden = error === null;
  byId("trouble").textContent = error === null ? "" : `What is shown is not what was chosen: ${error.message}`;
}

/**
 * The state of a page that is opened without any choice.
 * @param {SiteData} site
 * @returns {State}
 */
function openingState(site) {
  const there = regimesOf(site, "primary");
  return {
    regime: OPENING_ORDER.find((regime) => there.includes(regime)) ?? there[0] ?? "default", metric: "primary", by: "elo", sort: "",
    isReversed: false, impute: "constant", reference: openingReference(site.models), query: "", types: [], splits: [], suites: [], families: [],
    licences: [], seen: "any", ranges: {}, columns: [], pinned: [],
  };
}

/**
 * @param {SiteData} site
 * @param {State} state
 * @returns {Chosen}
 */
function chosenOf(site, state) {
  const there = regimesOf(site, state.metric);
  const regime = there.includes(state.regime) || (state.regime === "all" && there.length > 1) ? state.regime : (there[0] ?? "");
  const isTaskKept = keptTasks(site, state);
  return { regime, metric: state.metric, impute: state.impute, reference: state.reference, isTaskKept, isModelKept: keptModels(site, state, isTaskKept) };
}

/**
 * The state goes into the address, and into the links of the head of the page to pages that read it.
 * @param {State} state
 * @param {State} opening
 */
function writeAddress(state, opening) {
  const words = new URLSearchParams(writeState(state, opening));
  const link = words.toString();
  const before = new URLSearchParams(location.hash.slice(1));
  for (const name of OWN_WORDS) if (before.has(name)) words.set(name, before.get(name) ?? "");
  history.replaceState(null, "", words.size ? `#${words}` : location.pathname + location.search);
  for (const anchor of document.querySelectorAll("header.site nav a")) {
    if (anchor instanceof HTMLAnchorElement && /\/(index|plots|compare)\.html$/.test(anchor.pathname)) anchor.hash = link;
  }
}
