// Who is ranked over what: from a site's views and what is left after filtering to one pool of entrants.

/** @import { SiteData, View } from "../data/types.js" */
/** @import { Entrant, Pool } from "./types.js" */

const FIRST_REGIME = "default";

/**
 * The entrants of one regime, by the names of their models; of several, each as "model (regime)". A model without a
 * space stands once in a pool of several.
 * @param {SiteData} site
 * @param {View[]} views
 * @returns {Entrant[]}
 */
export function entrantsOf(site, views) {
  const isMixed = views.length > 1;
  const entrants = views.flatMap((view) =>
    site.models.map((model, number) => ({
      name: isMixed ? `${model.name} (${view.facts.regime})` : model.name,
      model: number,
      view,
      isTwice: isMixed && !model.has_space && view.facts.regime !== FIRST_REGIME,
    })),
  );
  const kept = entrants.filter((entrant) => !entrant.isTwice);
  if (isMixed) kept.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  return kept.map(({ name, model, view }) => ({ name, model, view }));
}

/**
 * The pool of some entrants over some tasks: those with any row there, and the splits on which any of them has one.
 * @param {SiteData} site
 * @param {Entrant[]} entrants
 * @param {boolean[]} isTaskKept of each task of the site
 * @returns {Pool}
 */
export function poolOf(site, entrants, isTaskKept) {
  const width = site.models.length;
  const splitTask = site.splits.task;
  const inside = Array.from(splitTask.keys()).filter((split) => isTaskKept[splitTask[split]]);
  const there = entrants.filter(({ view, model }) => inside.some((split) => !Number.isNaN(view.errors[split * width + model])));
  const splits = inside.filter((split) => there.some(({ view, model }) => !Number.isNaN(view.errors[split * width + model])));
  const tasks = [...new Set(splits.map((split) => splitTask[split]))];
  const numbers = new Map(tasks.map((task, i) => [task, i]));
  const nModels = there.length;
  const errors = new Float64Array(splits.length * nModels);
  there.forEach(({ view, model }, column) => {
    for (let row = 0; row < splits.length; row++) {
      const error = view.errors[splits[row] * width + model];
      errors[row * nModels + column] = Number.isFinite(error) ? error : NaN;
    }
  });
  return {
    entrants: there,
    tasks,
    families: tasks.map((task) => site.tasks[task].family),
    table: {
      nModels,
      nSplits: splits.length,
      nTasks: tasks.length,
      taskOf: Int32Array.from(splits, (split) => numbers.get(splitTask[split]) ?? 0),
      errors,
    },
  };
}
