// The first page: state in the address bar, controls that change it, a table that follows it.

import { publishedOf } from "../data/added.js";
import { loadSite } from "../data/load.js";
import { csvText, saveText } from "../parts/csv.js";
import { byId } from "../parts/dom.js";
import { keyOf, makeContent } from "./board.js";
import { AGGREGATES, COLUMNS, DEFAULT_COLUMNS } from "./columns.js";
import { RULES, SEEN, columnControls, filterControls, mainControls, regimesOf } from "./controls.js";
import { ordered, placesOf } from "./order.js";
import { openingReference, readState, writeState } from "./state.js";
import { tableOf } from "./table.js";

/** @import { SiteData } from "../data/types.js" */
/** @import { Content } from "./board.js" */
/** @import { State } from "./state.js" */

const REBUILDING = ["metric", "impute"]; // other controls depend on these

/**
 * The builder's rows, by the models' numbers on a site that may hold more.
 * @param {any[]} rows
 * @param {SiteData} site
 */
function renumbered(rows, site) {
  const published = publishedOf(site);
  const place = new Map(site.models.map((model, i) => [model.name, i]));
  return published === site ? rows : rows.map((row) => ({ ...row, model: place.get(published.models[row.model].name) }));
}

/** What the page holds. */
class LeaderboardPage {
  /**
   * @param {SiteData} site
   * @param {{regime: string, rows: any[], notices: string[]}} first
   */
  constructor(site, first) {
    this.site = site;
    /** @type {State} */
    this.opening = {
      regime: first.regime, metric: "primary", by: "elo", sort: "", isReversed: false, impute: "constant", reference: openingReference(site.models),
      query: "", types: [], splits: [], suites: [], families: [], licences: [], seen: "any", ranges: {}, columns: DEFAULT_COLUMNS, pinned: [],
    };
    this.allowed = allowedWords(site);
    this.state = readState(location.hash, this.opening, this.allowed);
    const times = site.views.find((view) => view.regime === first.regime && view.metric === "primary")?.times ?? "";
    /** @type {Content} */
    this.content = { rows: renumbered(first.rows, site), notices: first.notices, times, nTasks: first.rows[0]?.n_tasks ?? 0, isPending: false };
    this.key = publishedOf(site) === site ? keyOf(this.opening) : ""; // with a model of the reader's the rows are made anew
    this.isFirst = true;
  }

  start() {
    byId("controls").hidden = false;
    window.addEventListener("hashchange", () => {
      if (location.hash.slice(1) === writeState(this.state, this.opening)) return;
      this.state = readState(location.hash, this.opening, this.allowed);
      this.drawControls();
      this.follow();
    });
    byId("reset").addEventListener("click", () => {
      this.state = { ...this.opening, columns: this.state.columns, pinned: this.state.pinned };
      this.drawControls();
      this.follow();
    });
    byId("copy").addEventListener("click", () => this.copyLink());
    byId("save").addEventListener("click", () => this.save());
    for (const button of document.querySelectorAll("button.drawer")) button.addEventListener("click", () => toggle(button));
    this.drawControls();
    this.follow();
  }

  /** @param {Partial<State>} change */
  change(change) {
    this.state = { ...this.state, ...change };
    if (Object.keys(change).some((name) => REBUILDING.includes(name))) this.drawControls();
    this.follow();
  }

  drawControls() {
    const held = document.activeElement;
    const id = held?.id;
    const change = (/** @type {Partial<State>} */ what) => this.change(what);
    byId("main-controls").replaceChildren(...mainControls(this.site, this.state, change));
    byId("filter-controls").replaceChildren(...filterControls(this.site, this.state, change));
    byId("column-controls").replaceChildren(columnControls(this.state, change));
    if (id) document.getElementById(id)?.focus();
  }

  /** Put the state into the address bar, and its rows onto the page. */
  follow() {
    const there = regimesOf(this.site, this.state.metric);
    if (this.state.regime !== "all" && !there.includes(this.state.regime)) this.state.regime = there[0];
    const words = writeState(this.state, this.opening);
    history.replaceState(null, "", words ? `#${words}` : location.pathname + location.search);
    const key = keyOf(this.state);
    const isKnown = key === this.key && !(this.isFirst && this.state.by !== "elo");
    if (isKnown) {
      this.draw();
      return;
    }
    this.key = key;
    this.isFirst = false;
    byId("board").setAttribute("aria-busy", "true");
    makeContent(this.site, this.state, (content) => {
      if (key !== this.key) return; // another choice came in between
      this.content = content;
      this.draw();
    }).catch((error) => this.fail(error));
  }

  draw() {
    const { site, state, content } = this;
    const rows = ordered([...content.rows], state);
    const shown = { site, state, rows, places: placesOf(content.rows, state.by), times: content.times };
    const actions = { sort: (/** @type {string} */ name) => this.sort(name), pin: (/** @type {string} */ name) => this.pin(name) };
    const held = document.activeElement?.closest("#board [data-column], #board [data-entrant]");
    byId("board").replaceChildren(tableOf(shown, actions));
    byId("board").removeAttribute("aria-busy");
    if (held instanceof HTMLElement) this.refocus(held.dataset);
    byId("status").textContent = this.statusText(rows.length);
    byId("notices").replaceChildren(...content.notices.filter((text) => !text.startsWith("Ranked over")).map((text) => paragraph(text)));
    byId("filter-count").textContent = this.nFilters() ? String(this.nFilters()) : "";
    byId("no-rows").hidden = rows.length > 0;
  }

  /** @param {DOMStringMap} held */
  refocus({ column, entrant }) {
    const place = column ? `[data-column="${CSS.escape(column)}"] button` : `[data-entrant="${CSS.escape(entrant ?? "")}"] .pin`;
    const found = byId("board").querySelector(place);
    if (found instanceof HTMLElement) found.focus({ preventScroll: true });
  }

  /** @param {number} nShown */
  statusText(nShown) {
    const { content } = this;
    const of = nShown === content.rows.length ? `${nShown}` : `${nShown} of ${content.rows.length}`;
    const hasEnds = content.rows.some((row) => Number.isFinite(row.rank_low));
    const sure = content.isPending ? "Intervals are being drawn …" : hasEnds ? "95 % intervals, drawing other tasks." : "Under ten families of tasks: no intervals, no groups.";
    return `${of} ${content.rows.length === 1 ? "entrant" : "entrants"} over ${content.nTasks} ${content.nTasks === 1 ? "task" : "tasks"}. ${sure}`;
  }

  nFilters() {
    const { state, opening } = this;
    const lists = [state.types, state.splits, state.suites, state.families, state.licences].filter((list) => list.length).length;
    const ranges = Object.values(state.ranges).filter(([low, high]) => low !== null || high !== null).length;
    return lists + ranges + Number(state.seen !== "any") + Number(state.impute !== opening.impute);
  }

  /** @param {string} name */
  sort(name) {
    const isSame = (this.state.sort || this.state.by) === name;
    this.change({ sort: name === this.state.by ? "" : name, isReversed: isSame && !this.state.isReversed });
  }

  /** @param {string} entrant */
  pin(entrant) {
    const { pinned } = this.state;
    this.change({ pinned: pinned.includes(entrant) ? pinned.filter((name) => name !== entrant) : [...pinned, entrant] });
  }

  copyLink() {
    const said = (/** @type {string} */ text) => (byId("status").textContent = text);
    const asked = navigator.clipboard?.writeText(location.href) ?? Promise.reject(new Error("no clipboard"));
    asked.then(
      () => said("The link to this view is copied."),
      () => said("The address bar holds the link to this view."),
    );
  }

  save() {
    const names = ["entrant", "regime", "is_ranked", "groups", "rank_low", "rank_high", "elo_low", "elo_high", ...COLUMNS.map((column) => column.name), "n_tasks"];
    const lines = ordered([...this.content.rows], this.state).map((row) => names.map((name) => (typeof row[name] === "boolean" ? Number(row[name]) : row[name])));
    saveText("leaderboard.csv", csvText([names, ...lines]));
  }

  /** @param {Error} error */
  fail(error) {
    byId("board").removeAttribute("aria-busy");
    byId("status").textContent = `This view cannot be shown. ${error.message}`;
  }
}

/**
 * Open or close what a button controls.
 * @param {Element} button
 */
function toggle(button) {
  const panel = byId(button.getAttribute("aria-controls") ?? "");
  panel.hidden = !panel.hidden;
  button.setAttribute("aria-expanded", String(!panel.hidden));
}

/**
 * The words that an address may hold: a link of another build, or of a stranger, must not break the page.
 * @param {SiteData} site
 * @returns {Record<string, string[]>}
 */
function allowedWords(site) {
  const columns = COLUMNS.map((column) => column.name);
  return {
    regime: [...new Set(site.views.map((view) => view.regime)), "all"],
    metric: site.metrics.map((metric) => metric.name),
    by: AGGREGATES.map((column) => column.name),
    sort: ["", "entrant", "rank_low", ...columns],
    impute: Object.keys(RULES),
    reference: site.models.map((model) => model.name),
    seen: Object.keys(SEEN),
    columns,
  };
}

/** @param {string} text */
function paragraph(text) {
  const made = document.createElement("p");
  made.className = "note";
  made.textContent = text;
  return made;
}

loadSite("").then((site) => new LeaderboardPage(site, JSON.parse(byId("first-view").textContent ?? "")).start());
