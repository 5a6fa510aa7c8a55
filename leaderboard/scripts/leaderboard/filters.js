// Which tasks and models a state keeps.

/** @import { SiteData, TaskData } from "../data/types.js" */
/** @import { Range, State } from "./state.js" */

/**
 * The fact of a task that each range is about; null where it has none.
 * @type {Record<string, (task: TaskData) => number | null>}
 */
export const FACTS = {
  rows: (task) => task.n_rows,
  features: (task) => task.n_columns,
  classes: (task) => task.n_classes || null,
  categorical: (task) => (task.n_columns ? (100 * task.n_categorical) / task.n_columns : null),
  missing: (task) => 100 * task.missing_share,
  majority: (task) => (task.majority_share === null ? null : 100 * task.majority_share),
};

/** What kinds of splits are called: by time, by group, or neither. */
export const SPLIT_KINDS = { random: "Random", temporal: "Temporal", grouped: "Grouped" };

/**
 * @param {TaskData} task
 * @returns {keyof typeof SPLIT_KINDS}
 */
export function splitKind(task) {
  return task.split_kind === "temporal" || task.split_kind === "grouped" ? task.split_kind : "random";
}

/**
 * Whether each task is kept. A task without a fact is left out where a range of that fact is asked for.
 * @param {SiteData} site
 * @param {State} state
 * @returns {boolean[]}
 */
export function keptTasks(site, state) {
  const types = site.metrics.find((metric) => metric.name === state.metric)?.task_types ?? [];
  return site.tasks.map(
    (task) =>
      types.includes(task.task_type) &&
      isIn(state.types, [task.task_type]) &&
      isIn(state.splits, [splitKind(task)]) &&
      isIn(state.suites, task.suites) &&
      Object.entries(state.ranges).every(([name, range]) => isWithin(FACTS[name]?.(task) ?? null, range)),
  );
}

/**
 * Whether each model is kept.
 * @param {SiteData} site
 * @param {State} state
 * @param {boolean[]} isTaskKept
 * @returns {boolean[]}
 */
export function keptModels(site, state, isTaskKept) {
  return site.models.map(
    (model) =>
      isIn(state.families, [model.family]) &&
      isIn(state.licences, [model.licence]) &&
      (state.seen !== "scratch" || model.pretrained_on === null) &&
      (state.seen !== "unseen" || !model.seen_tasks.some((task) => isTaskKept[task])),
  );
}

/**
 * @param {string[]} wanted
 * @param {string[]} held
 */
function isIn(wanted, held) {
  return !wanted.length || held.some((word) => wanted.includes(word));
}

/**
 * @param {number | null} value
 * @param {Range} range
 */
function isWithin(value, [low, high]) {
  if (low === null && high === null) return true;
  return value !== null && (low === null || value >= low) && (high === null || value <= high);
}
