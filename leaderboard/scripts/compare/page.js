// The compare page: two models head to head, with the tests and the numbers of `tabbench compare`.

import { loadSite, loadView } from "../data/load.js";
import { regimesOf } from "../leaderboard/controls.js";
import { setOptions } from "../plots/controls.js";
import { Frame } from "../plots/frame.js";
import { startPage } from "../plots/state_of_page.js";
import { rankPool } from "../ranking/leaderboard.js";
import { entrantsOf, poolOf } from "../ranking/pool.js";
import { compareModels } from "../statistics/comparison.js";
import { drawForest } from "./forest.js";
import { advice, between, pText, rowsOfPair, share } from "./pair.js";

/** @import { SiteData } from "../data/types.js" */
/** @import { Chosen } from "../plots/state_of_page.js" */
/** @import { Beliefs } from "../statistics/beliefs.js" */
/** @import { Comparison } from "../statistics/comparison.js" */

const ROPE = 0.01;
const SEED = 0;
const root = document.body.dataset.root ?? "";

/**
 * @param {string} id
 * @returns {any}
 */
const byId = (id) => document.getElementById(id);

/** Two models that the address names, or the first two. @param {string[]} names @returns {[string, string]} */
function pairOfAddress(names) {
  const words = new URLSearchParams(location.hash.slice(1));
  const first = names.includes(words.get("first") ?? "") ? words.get("first") : names.find((name) => name !== words.get("second"));
  const second = names.includes(words.get("second") ?? "") ? words.get("second") : names.find((name) => name !== first);
  return [first ?? "", second ?? ""];
}

/** @param {[string, string]} pair */
function writePair([first, second]) {
  const words = new URLSearchParams(location.hash.slice(1));
  words.set("first", first);
  words.set("second", second);
  history.replaceState(null, "", `#${words}`);
}

class ComparePage {
  /** @param {SiteData} site */
  constructor(site) {
    this.site = site;
    /** @type {{comparison: Comparison, names: [string, string]} | null} */
    this.found = null;
    this.frame = new Frame({
      id: "tasks-of-pair",
      series: () => [],
      draw: (width) =>
        this.found
          ? drawForest(this.found.comparison, this.site.tasks.map((task) => task.name), this.found.names, width)
          : { svg: null, table: { columns: [], rows: [] }, note: "" },
    });
    for (const id of ["first", "second"]) byId(id).addEventListener("change", () => this.choose());
    byId("swap").addEventListener("click", () => {
      [byId("first").value, byId("second").value] = [byId("second").value, byId("first").value];
      this.choose();
    });
  }

  choose() {
    writePair([byId("first").value, byId("second").value]);
    this.show();
  }

  /**
   * What the filters leave.
   * @param {Chosen} state
   */
  async follow(state) {
    this.state = state;
    const regime = state.regime === "all" ? regimesOf(this.site, state.metric)[0] : state.regime; // no pair has two
    this.view = await loadView(this.site, regime, state.metric, root);
    const n = this.site.models.length;
    const names = this.site.models.filter((_, j) => state.isModelKept[j] && this.site.splits.task.some((_, s) => Number.isFinite(this.view?.errors[s * n + j]))).map((model) => model.name);
    const pair = pairOfAddress(this.byRank(names));
    for (const [i, id] of ["first", "second"].entries()) setOptions(byId(id), names.map((name) => [name, name]), pair[i]);
    this.show();
  }

  /**
   * Names by mean rank, the best first, so that a page without a choice opens on the two that matter most.
   * @param {string[]} names
   */
  byRank(names) {
    if (!this.view || !this.state) return names;
    const entrants = poolOf(this.site, entrantsOf(this.site, [this.view]), this.state.isTaskKept);
    const board = rankPool(entrants, { impute: "constant", constant: "constant", reference: "", seed: SEED });
    const ranks = new Map(board.ranked.map((i, place) => [entrants.entrants[i].name, board.points.mean_rank[place]]));
    return [...names].sort((a, b) => (ranks.get(a) ?? Infinity) - (ranks.get(b) ?? Infinity));
  }

  show() {
    if (!this.view || !this.state) return;
    /** @type {[string, string]} */
    const names = [byId("first").value, byId("second").value];
    const numbers = names.map((name) => this.site.models.findIndex((model) => model.name === name));
    const { tasks, nLeftOut } = rowsOfPair(this.site, this.view, [numbers[0], numbers[1]], this.state.isTaskKept);
    const isSame = names[0] === names[1];
    this.found = tasks.length && !isSame ? { comparison: compareModels(tasks, ROPE, SEED), names } : null;
    byId("nothing").hidden = Boolean(this.found);
    byId("nothing").textContent = byId("first").options.length < 2 ? "It takes two models." : isSame ? "Choose two different models." : "The two have no split on which both have an error.";
    byId("found").hidden = !this.found;
    if (this.found) this.tell(this.found.comparison, names, nLeftOut);
    this.frame.draw();
  }

  /**
   * @param {Comparison} c
   * @param {[string, string]} names
   * @param {number} nLeftOut
   */
  tell(c, [first, second], nLeftOut) {
    const nSplits = c.tasks.reduce((sum, task) => sum + task.nSplits, 0);
    byId("verdict").textContent = `${first} wins on ${c.won}, loses on ${c.lost}, ties on ${c.tied}. Its error is ${share(c.difference)}.`;
    byId("over").textContent =
      `Over ${counted(c.tasks.length, "task")}, ${counted(nSplits, "split")}` + (nLeftOut ? `; ${counted(nLeftOut, "split")} left out, where one of the two has no error.` : ".");
    byId("new-tasks").textContent = between(c.newTasks, "not drawn under 10 families of tasks");
    byId("this-suite").textContent = between(c.thisSuite, "unknown: a task has one split");
    const one = c.tasks[0];
    fillTable("tests", c.tasks.length === 1
      ? [["Corrected resampled t-test", one.p === null ? "–" : pText(one.p), `do the learners differ on this task? (${counted(one.nSplits, "split")})`]]
      : [
          ["Wilcoxon signed-rank", pText(c.wilcoxon.p), `are differences as large and as frequent either way? (${counted(c.wilcoxon.n, "task")})`],
          ["Sign test", pText(c.sign.p), `does each win as often? (${counted(c.sign.n, "task")}, ties left out)`],
        ]);
    const beliefs = c.tasks.length === 1 ? one.beliefs : c.signedRank;
    byId("beliefs").hidden = !beliefs;
    if (beliefs) this.tellBeliefs(beliefs, [first, second], c.tasks.length === 1 ? "Correlated t-test, this task" : "Bayesian signed-rank test, over tasks");
    byId("advice").replaceChildren(...advice(c).map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })));
  }

  /**
   * @param {Beliefs} beliefs
   * @param {[string, string]} names
   * @param {string} title
   */
  tellBeliefs(beliefs, [first, second], title) {
    byId("beliefs-title").textContent = title;
    const parts = /** @type {[string, number][]} */ ([[`${first} better`, beliefs.first], ["the same", beliefs.same], [`${second} better`, beliefs.second]]);
    byId("belief-bar").replaceChildren(
      ...parts.map(([, value], i) => {
        const part = document.createElement("span");
        part.className = ["first", "same", "second"][i];
        part.style.flexGrow = String(value);
        return part;
      }),
    );
    fillTable("belief-table", parts.map(([word, value]) => [word, value.toFixed(2)]));
  }
}

/**
 * @param {number} n
 * @param {string} what
 */
function counted(n, what) {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/**
 * @param {string} id of a table's body
 * @param {string[][]} rows
 */
function fillTable(id, rows) {
  byId(id).replaceChildren(
    ...rows.map(([head, ...cells]) => {
      const row = document.createElement("tr");
      const heading = Object.assign(document.createElement("th"), { scope: "row", textContent: head });
      row.append(heading, ...cells.map((text, i) => Object.assign(document.createElement("td"), { textContent: text, className: i ? "" : "number" })));
      return row;
    }),
  );
}

async function start() {
  const site = await loadSite(root);
  const page = new ComparePage(site);
  await startPage(site, (state) => page.follow(state));
}

start().catch((error) => {
  const trouble = byId("trouble");
  trouble.textContent = `The models could not be compared: ${error instanceof Error ? error.message : error}`;
  trouble.hidden = false;
  throw error;
});
