// The charts of the plots page, each bound to its section, its controls and what the page knows.

import { median } from "../ranking/averages.js";
import { groupsNotToldApart } from "../ranking/simultaneous.js";
import { FEWEST_TASKS } from "../ranking/leaderboard.js";
import { criticalDifference } from "../statistics/critical_difference.js";
import { addChoice, setOptions } from "./controls.js";
import { drawCritical } from "./critical_chart.js";
import { drawCurves } from "./curve_chart.js";
import { Frame } from "./frame.js";
import { familyColour } from "./look.js";
import { drawMetafeature, errorsOfSide, FACTS, factsOf } from "./metafeatures.js";
import { drawOvertuning } from "./overtuning.js";
import { drawPareto, familySeries } from "./pareto.js";
import { drawIntervals, drawSensitivity } from "./places.js";
import { errorsByTask, modelSeries, placesOf } from "./pool.js";
import { drawProfiles } from "./profile_chart.js";
import { drawWins } from "./wins.js";

/** @import { SiteData } from "../data/types.js" */
/** @import { Board, Sure } from "../ranking/leaderboard.js" */
/** @import { Curve } from "./curve_chart.js" */
/** @import { Moved, Variant } from "./places.js" */
/** @import { Family, Pool, Series } from "./types.js" */

/**
 * What the page shows now.
 * @typedef {object} Shown
 * @property {SiteData} site
 * @property {string} regime
 * @property {Pool} pool
 * @property {Board} board
 * @property {Sure | null} sure null where there are no intervals, or none yet
 * @property {boolean} isSure whether the intervals were computed
 * @property {Record<string, Family>} families
 */

/** @typedef {() => Shown} Now */

const SCORES = /** @type {const} */ ({
  normalised_score: ["Normalised score", true],
  elo: ["Elo", true],
  win_rate: ["Win rate", true],
  mean_rank: ["Mean rank", false],
  improvability: ["Improvability", false],
});
const TIMES = { fit_seconds: "Fit", predict_seconds: "Predict", search_seconds: "Search" };

/**
 * A model's colour is its family's.
 * @param {Shown} shown
 * @returns {(name: string) => string}
 */
function colourOf({ pool, families }) {
  return (name) => familyColour(pool.families[pool.names.indexOf(name)] ?? "other", families);
}

/**
 * The models of the pool as marks of their families, for charts with a row a model.
 * @param {Shown} shown
 * @returns {Series[]}
 */
function rowSeries({ pool, families }) {
  return pool.order.map((i) => {
    const family = pool.families[i] in families ? pool.families[i] : "other";
    return { key: pool.names[i], name: pool.names[i], colour: familyColour(family, families), outline: families[family][1] };
  });
}

/** @param {Now} now */
export function paretoChart(now) {
  /** @type {{score: keyof typeof SCORES, time: keyof typeof TIMES}} */
  const chosen = { score: "normalised_score", time: "fit_seconds" };
  const points = () => {
    const { site, pool, board } = now();
    const n = site.models.length;
    return pool.names.flatMap((name, i) => {
      const times = pool.tasks.map((task) => pool.views[i].byTask[chosen.time][task * n + pool.models[i]]).filter(Number.isFinite);
      const point = { name, family: pool.families[i], seconds: median(times), score: board.points[chosen.score][i] };
      return point.seconds > 0 && Number.isFinite(point.score) ? [point] : [];
    });
  };
  const frame = new Frame({
    id: "pareto",
    series: () => familySeries(points(), now().families),
    draw: (width, isShown) => {
      const { families, pool } = now();
      const [score, isHigherBetter] = SCORES[chosen.score];
      const shown = points().filter((point) => isShown(point.family in families ? point.family : "other"));
      const drawn = drawPareto(shown, width, { score, time: TIMES[chosen.time], isHigherBetter, families });
      const times = pool.views.length && chosen.time === "search_seconds" ? "shared machine" : pool.views[0]?.facts.times;
      return times ? { ...drawn, note: `${drawn.note} Times: ${times}.` } : drawn;
    },
  });
  addChoice("pareto", "Score", Object.entries(SCORES).map(([key, [word]]) => [key, word]), chosen.score, (value) => {
    chosen.score = /** @type {keyof typeof SCORES} */ (value);
    frame.draw();
  });
  addChoice("pareto", "Time", Object.entries(TIMES), chosen.time, (value) => {
    chosen.time = /** @type {keyof typeof TIMES} */ (value);
    frame.draw();
  });
  return frame;
}

/** @param {Now} now */
export function intervalsChart(now) {
  return new Frame({
    id: "intervals",
    series: () => rowSeries(now()),
    draw: (width, isShown) => {
      const shown = now();
      const { pool, board, sure } = shown;
      const places = placesOf(board.points.mean_rank);
      const colour = colourOf(shown);
      const rows = pool.order.filter((i) => isShown(pool.names[i])).map((i) => ({
        name: pool.names[i], colour: colour(pool.names[i]), place: places[i],
        best: sure ? sure.best[i] : NaN, worst: sure ? sure.worst[i] : NaN,
        told: `place ${places[i]}, mean rank ${board.points.mean_rank[i].toFixed(2)}` + (sure ? `\nmay hold ${sure.best[i]} to ${sure.worst[i]}` : ""),
      }));
      const without = new Set(board.families).size < FEWEST_TASKS ? `No bars: fewer than ${FEWEST_TASKS} families of tasks.` : shown.isSure ? "No bars: there is one model." : "The bars are being computed.";
      return drawIntervals(rows, width, pool.names.length, without);
    },
  });
}

/** @param {Now} now */
export function winsChart(now) {
  return new Frame({
    id: "wins",
    series: () => rowSeries(now()),
    draw: (width, isShown) => {
      const { pool, board } = now();
      const n = pool.names.length;
      const kept = pool.order.filter((i) => isShown(pool.names[i]));
      const wins = kept.flatMap((row) => kept.map((column) => board.total[row * n + column] / board.table.nTasks));
      return drawWins(wins, kept.map((i) => pool.names[i]), width);
    },
  });
}

/** @param {Now} now */
export function criticalChart(now) {
  return new Frame({
    id: "critical",
    series: () => [],
    draw: (width) => {
      const shown = now();
      const { pool, board } = shown;
      const n = pool.names.length;
      if (n < 2 || pool.tasks.length < 2) return { svg: null, table: { columns: [], rows: [] }, note: "It takes two models and two tasks." };
      const { errors, ranks } = errorsByTask(pool);
      const tested = criticalDifference(errors, ranks, n);
      const order = pool.names.map((_, i) => i).sort((a, b) => tested.meanRanks[a] - tested.meanRanks[b] || a - b);
      const isApart = Uint8Array.from({ length: n * n }, (_, k) => Number(tested.isApart[Math.floor(k / n)][k % n]));
      const over = { nTasks: pool.tasks.length, nFamilies: new Set(board.families).size };
      const groups = over.nFamilies < FEWEST_TASKS ? [] : groupsNotToldApart(isApart, order);
      return drawCritical(pool.names, tested, groups, over, colourOf(shown), width);
    },
  });
}

/** @param {Now} now */
export function profilesChart(now) {
  return new Frame({
    id: "profiles",
    series: () => modelSeries(now().pool),
    draw: (width, isShown) => drawProfiles(now().pool, width, isShown),
  });
}

/**
 * @param {Now} now
 * @param {{over_tasks: Curve[], files: Record<string, string>}} curves
 * @param {(path: string) => Promise<Curve[]>} load
 */
export function curvesChart(now, curves, load) {
  const all = "";
  /** @type {{task: string, against: "trials" | "seconds", curves: Curve[]}} */
  const chosen = { task: all, against: "trials", curves: curves.over_tasks };
  const series = () => {
    const tuned = new Set(chosen.curves.map((curve) => curve.model));
    const { pool } = now();
    const others = [...tuned].filter((name) => !pool.names.includes(name));
    const padded = { ...pool, names: [...pool.names, ...others], order: [...pool.order, ...others.map((_, i) => pool.names.length + i)] };
    const kept = padded.order.filter((i) => tuned.has(padded.names[i]));
    return modelSeries({ ...padded, order: kept });
  };
  const frame = new Frame({
    id: "curves",
    series,
    draw: (width, isShown) =>
      drawCurves(chosen.curves, series(), { isOverTasks: chosen.task === all, against: chosen.against }, width, isShown),
  });
  /** @type {[string, string][]} */
  const tasks = Object.keys(curves.files).map((task) => [task, task]);
  addChoice("curves", "Task", [[all, "All tasks, relative to the default"], ...tasks], all, async (task) => {
    const found = task === all ? curves.over_tasks : await load(curves.files[task]);
    Object.assign(chosen, { task, curves: found });
    frame.draw();
  });
  addChoice("curves", "Against", [["trials", "Trials"], ["seconds", "Seconds"]], "trials", (value) => {
    chosen.against = value === "seconds" ? "seconds" : "trials";
    frame.draw();
  });
  return frame;
}

/** @param {Now} now */
export function overtuningChart(now) {
  const words = { optimism: "valid better than test", passed_over: "worse than the best passed over" };
  /** @type {keyof typeof words} */
  let chosen = "optimism";
  const frame = new Frame({
    id: "overtuning",
    series: () => rowSeries(now()),
    draw: (width, isShown) => {
      const shown = now();
      const { site, pool } = shown;
      const n = site.models.length;
      const kept = pool.order.filter((i) => isShown(pool.names[i]));
      const dots = kept.flatMap((i) => pool.tasks.map((task) => ({
        name: pool.names[i], task: site.tasks[task].name, share: pool.views[i].byTask[chosen][task * n + pool.models[i]],
      }))).filter((dot) => Number.isFinite(dot.share));
      return drawOvertuning(dots, kept.map((i) => pool.names[i]), colourOf(shown), words[chosen], width);
    },
  });
  addChoice("overtuning", "Show", [["optimism", "Optimism: valid against test"], ["passed_over", "Passed over: chosen against best"]], chosen, (value) => {
    chosen = value === "passed_over" ? "passed_over" : "optimism";
    frame.draw();
  });
  return frame;
}

/**
 * @param {Now} now
 * @param {Record<string, {models: Moved[], variants: Variant[]}>} sensitivity by regime
 */
export function sensitivityChart(now, sensitivity) {
  return new Frame({
    id: "sensitivity",
    series: () => rowSeries(now()),
    draw: (width, isShown) => {
      const shown = now();
      const found = sensitivity[shown.regime] ?? { models: [], variants: [] };
      return drawSensitivity(found.models, found.variants, colourOf(shown), width, isShown);
    },
  });
}

/**
 * @param {Now} now
 * @param {Record<string, Record<string, number>>} features by name, then by task
 */
export function metafeaturesChart(now, features) {
  const facts = { ...FACTS, ...factsOf(features) };
  const chosen = { fact: "n_rows", first: "", second: "" };
  /** @returns {[string, string][]} */
  const sides = () => {
    const { pool, families } = now();
    const present = [...new Set(pool.families)];
    return [
      ...pool.order.map((i) => /** @type {[string, string]} */ ([`model:${pool.names[i]}`, pool.names[i]])),
      ...present.map((family) => /** @type {[string, string]} */ ([`family:${family}`, `best of family: ${families[family]?.[0] ?? family}`])),
    ];
  };
  const frame = new Frame({
    id: "metafeatures",
    series: () => [],
    draw: (width) => {
      const { site, pool } = now();
      const options = sides();
      setOptions(first, options, chosen.first);
      setOptions(second, options, chosen.second);
      if (!options.length) return { svg: null, table: { columns: [], rows: [] }, note: "No model is shown." };
      const known = options.map(([value]) => value);
      if (!known.includes(chosen.first)) chosen.first = known[0];
      if (!known.includes(chosen.second)) chosen.second = known.find((value) => value !== chosen.first) ?? known[0];
      setOptions(first, options, chosen.first);
      setOptions(second, options, chosen.second);
      const { errors } = errorsByTask(pool);
      const [a, b] = [errorsOfSide(pool, errors, chosen.first), errorsOfSide(pool, errors, chosen.second)];
      const tasks = pool.tasks.map((task, i) => ({ task: site.tasks[task], first: a[i], second: b[i] }));
      const word = (/** @type {string} */ side) => side.slice(side.indexOf(":") + 1);
      return drawMetafeature(tasks, facts[chosen.fact], [word(chosen.first), word(chosen.second)], width);
    },
  });
  /** @param {"fact" | "first" | "second"} what */
  const redraw = (what) => (/** @type {string} */ value) => {
    chosen[what] = value;
    frame.draw();
  };
  addChoice("metafeatures", "Property", Object.entries(facts).map(([key, fact]) => [key, fact.name]), chosen.fact, redraw("fact"));
  const first = addChoice("metafeatures", "First", [], "", redraw("first"));
  const second = addChoice("metafeatures", "Second", [], "", redraw("second"));
  return frame;
}
