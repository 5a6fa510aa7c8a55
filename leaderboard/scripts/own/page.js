// The page Your model: a results file becomes a model among the published ones, in this tab alone.

import { heldModels, holdModels, publishedOf, viewWithAdded, withAdded } from "../data/added.js";
import { loadSite, loadView } from "../data/load.js";
import { csvText, saveText } from "../parts/csv.js";
import { byId, element } from "../parts/dom.js";
import { rankPool } from "../ranking/leaderboard.js";
import { entrantsOf, poolOf } from "../ranking/pool.js";
import { readResults } from "./results_file.js";

/** @import { Added } from "../data/added.js" */
/** @import { SiteData } from "../data/types.js" */

const root = document.body.dataset.root ?? "";
const drop = byId("drop");
const input = /** @type {HTMLInputElement} */ (byId("file"));
const metric = /** @type {HTMLSelectElement} */ (byId("metric"));
const regime = /** @type {HTMLSelectElement} */ (byId("regime"));

/** @param {SiteData} site */
function fillChoices(site) {
  const metrics = [...new Set(site.views.map((view) => view.metric))];
  const title = (/** @type {string} */ name) => site.metrics.find((one) => one.name === name)?.title ?? name;
  metric.replaceChildren(...metrics.map((name) => element("option", { value: name }, title(name))));
  const regimes = [...new Set(site.views.map((view) => view.regime))];
  regime.replaceChildren(
    element("option", { value: "" }, "each regime"),
    ...regimes.map((name) => element("option", { value: name }, name.replace("_", " + "))),
  );
}

/**
 * @param {string} head
 * @param {string[]} texts
 * @param {boolean} isBad
 */
function tell(head, texts, isBad) {
  byId("said").replaceChildren(
    element("p", { class: isBad ? "bad" : "good" }, head),
    element("ul", {}, ...texts.map((text) => element("li", {}, text))),
  );
}

/**
 * @param {SiteData} site
 * @param {File} file
 */
async function take(site, file) {
  const checked = readResults(new Uint8Array(await file.arrayBuffer()), file.name, site, { metric: metric.value, regime: regime.value });
  if (checked.problems.length) {
    tell(`${file.name} was not used.`, checked.problems, true);
    return;
  }
  const names = new Set(checked.added.map((model) => model.name));
  const added = [...heldModels().filter((model) => !names.has(model.name)), ...checked.added];
  const isHeld = holdModels(added);
  const kept = isHeld ? "It stands on every page of this tab until you remove it or close the tab." : "This browser keeps nothing for other pages, so it is shown here alone.";
  tell(`${[...names].join(", ")} added from ${file.name}. ${kept}`, checked.notes, false);
  await show(site, isHeld ? heldModels() : checked.added);
}

/**
 * The ranking with the added models, under the first one's metric and regime.
 * @param {SiteData} site as published
 * @param {Added[]} added
 */
async function show(site, added) {
  byId("ranked").hidden = !added.length;
  if (!added.length) return;
  const wide = withAdded(site, added);
  const last = added[added.length - 1];
  const fitting = site.views.filter((view) => view.metric === last.metric && (!last.regime || view.regime === last.regime));
  const facts = fitting.find((view) => view.regime === "tuned") ?? fitting[0];
  if (!facts) return;
  const view = viewWithAdded(wide, await loadView(site, facts.regime, facts.metric, root));
  const pool = poolOf(wide, entrantsOf(wide, [view]), wide.tasks.map(() => true));
  const board = rankPool(pool, { impute: "constant", constant: "constant", reference: "", seed: 0 });
  const own = new Set(added.map((model) => model.name));
  const order = board.ranked.map((_, i) => i).sort((a, b) => board.points.mean_rank[a] - board.points.mean_rank[b]);
  const lines = order.map((i) => {
    const name = pool.entrants[board.ranked[i]].name;
    const numbers = [board.points.mean_rank[i].toFixed(2), board.points.elo[i].toFixed(0), board.points.win_rate[i].toFixed(2)];
    const head = element("th", { scope: "row" }, name, own.has(name) ? element("span", { class: "tag" }, "yours") : null);
    const share = board.share[board.ranked[i]];
    return element("tr", { class: own.has(name) ? "own" : null }, head, ...numbers.map((text) => element("td", { class: "number" }, text)), element("td", { class: "number" }, share ? `${(100 * share).toFixed(0)} %` : ""));
  });
  byId("rows").replaceChildren(...lines);
  byId("about").textContent = `Among ${facts.regime.replace("_", " + ")} models, over ${board.table.nTasks} tasks; gaps are filled in by the constant predictor. Lower mean rank is better. The leaderboard has the other regimes, filters and intervals.`;
  const left = pool.entrants.filter((entrant, i) => own.has(entrant.name) && !board.ranked.includes(i)).map((entrant) => entrant.name);
  byId("left-out").replaceChildren(...[...board.notices, ...(left.length ? [`Not ranked: ${left.join(", ")}. Too many of its splits are missing.`] : [])].map((text) => element("p", { class: "note" }, text)));
}

/** @param {SiteData} site */
function saveTemplate(site) {
  const lines = site.splits.task.map((task, i) => [site.tasks[task].name, site.splits.repeat[i], site.splits.fold[i], null]);
  saveText("my_model.csv", csvText([["task", "repeat", "fold", "error"], ...lines]));
}

async function start() {
  const site = publishedOf(await loadSite(root));
  fillChoices(site);
  const taken = (/** @type {FileList | null | undefined} */ files) => files?.[0] && take(site, files[0]).catch((error) => tell("The file was not used.", [error.message], true));
  input.addEventListener("change", () => {
    taken(input.files);
    input.value = ""; // the same file may come again
  });
  for (const type of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", type === "dragover");
      if (type === "drop") taken(/** @type {DragEvent} */ (event).dataTransfer?.files);
    });
  }
  byId("template").addEventListener("click", () => saveTemplate(site));
  byId("remove").addEventListener("click", () => {
    holdModels([]);
    tell("Your models are gone from this tab.", [], false);
    show(site, []);
    input.focus();
  });
  byId("own").hidden = false;
  await show(site, heldModels());
}

start().catch((error) => tell("The page could not be started.", [error.message], true));
