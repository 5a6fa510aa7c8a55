// The comparison of two models from the site's own files, for a test in Python.

import { viewOf } from "../../../leaderboard/scripts/data/load.js";
import { advice, rowsOfPair } from "../../../leaderboard/scripts/compare/pair.js";
import { compareModels } from "../../../leaderboard/scripts/statistics/comparison.js";

export function compared(site, bytes, file, pair) {
  const facts = site.views.find((view) => view.file === file);
  const array = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)).buffer;
  const { tasks, nLeftOut } = rowsOfPair(site, viewOf(site, facts, array), pair, site.tasks.map(() => true));
  const comparison = compareModels(tasks);
  return { nLeftOut, comparison, advice: advice(comparison) };
}
