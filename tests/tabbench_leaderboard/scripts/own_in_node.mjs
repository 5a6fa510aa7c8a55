// What tests ask of the scripts of the page Your model.
import { publishedOf, viewWithAdded, withAdded } from "../../../leaderboard/scripts/data/added.js";
import { readResults } from "../../../leaderboard/scripts/own/results_file.js";

export function read(text, name, site, where) {
  return readResults(new TextEncoder().encode(text), name, site, where);
}

export function widen(site, added, facts, errors, fitSeconds) {
  const wide = withAdded(site, added);
  const byTask = { fit_seconds: Float64Array.from(fitSeconds) };
  const view = viewWithAdded(wide, { facts, nModels: 2, errors: Float64Array.from(errors), byTask });
  return {
    names: wide.models.map((model) => model.name),
    errors: view.errors,
    is_failed: view.errors[13] === Infinity,
    fit_seconds: view.byTask.fit_seconds,
    page: wide.models[1].page,
    published: publishedOf(wide).models.length,
  };
}
