// The rows of two models, as `tabbench compare` takes them, and its sentences.

/** @import { SiteData, View } from "../data/types.js" */
/** @import { Comparison, Interval, TaskErrors } from "../statistics/comparison.js" */

/**
 * @param {SiteData} site
 * @param {View} view
 * @param {[number, number]} models their numbers
 * @param {boolean[]} isTaskKept
 * @returns {{tasks: TaskErrors[], nLeftOut: number}} splits on which one of the two has no error are left out
 */
export function rowsOfPair(site, view, [first, second], isTaskKept) {
  const n = view.nModels;
  /** @type {TaskErrors[]} */
  const tasks = [];
  let nLeftOut = 0;
  site.tasks.forEach((facts, task) => {
    if (!isTaskKept[task]) return;
    const splits = site.splits.task.flatMap((owner, split) => (owner === task ? [split] : []));
    const rows = splits.flatMap((split) => [first, second].filter((model) => !Number.isNaN(view.errors[split * n + model])).map(() => split));
    const used = [...new Set(rows)];
    const whole = used.filter((split) => [first, second].every((model) => Number.isFinite(view.errors[split * n + model])));
    nLeftOut += used.length - whole.length;
    if (!whole.length) return;
    const ratios = rows.map((split) => site.test_per_train[split]).filter((ratio) => ratio !== null && ratio !== undefined);
    tasks.push({
      task,
      family: facts.family,
      testPerTrain: ratios.length ? ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length : 1 / Math.max(used.length - 1, 1),
      first: whole.map((split) => view.errors[split * n + first]),
      second: whole.map((split) => view.errors[split * n + second]),
    });
  });
  return { tasks, nLeftOut };
}

/**
 * Which of the tests apply to these data, a sentence each: as `comparison.advice` of Python.
 * @param {Comparison} comparison
 * @returns {string[]}
 */
export function advice(comparison) {
  if (comparison.tasks.length === 1) {
    return ["One task: read the corrected resampled t-test. It asks whether the learners differ on this task, over draws of its training rows."];
  }
  const said = [];
  if (comparison.newTasks === null) {
    said.push(
      "Under 10 families of tasks: a demonstration. Tests over tasks can hardly find a difference here, and where tasks are related, as changed copies of one are, what they find is no evidence.",
    );
  }
  said.push(
    "To conclude on other tasks, read Wilcoxon's test: it weighs differences by their size. Where its p-value is far below the sign test's, a few large differences speak; where it is far above, many small ones do.",
  );
  if (comparison.wilcoxon.p < 0.05 && comparison.signedRank.same > 0.5) {
    said.push("A difference is found, and most likely it is too small to matter.");
  } else if (comparison.wilcoxon.p >= 0.05 && comparison.signedRank.same < 0.5) {
    said.push("No difference is found, but nor are the models shown to be the same.");
  }
  said.push("Only the interval for these tasks, and no test over tasks, says how they would do on this suite again.");
  return said;
}

/**
 * A relative difference in words, as the command prints it.
 * @param {number} difference
 * @returns {string}
 */
export function share(difference) {
  if (difference === 0) return "the same";
  return `${(100 * Math.abs(difference)).toFixed(2)}% ${difference < 0 ? "lower" : "higher"}`;
}

/**
 * @param {Interval | null} interval
 * @param {string} otherwise
 * @returns {string}
 */
export function between(interval, otherwise) {
  return interval ? `between ${share(interval.low)} and ${share(interval.high)} (95 %)` : otherwise;
}

/**
 * A p-value with three significant digits, as Python's `.3g` prints it.
 * @param {number} p
 * @returns {string}
 */
export function pText(p) {
  if (p === 0 || p === 1) return String(p);
  if (p < 1e-4) return p.toExponential(2).replace(/\.?0+e/, "e").replace(/e-(\d)$/, "e-0$1");
  return String(Number(p.toPrecision(3)));
}
