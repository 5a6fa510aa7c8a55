// Rank the settings on standard input with the site's own engine; the first argument is the folder of its scripts.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const { viewOf } = await import(new URL("data/load.js", folder));
const { entrantsOf, poolOf } = await import(new URL("ranking/pool.js", folder));
const { intervalsOf, rankPool } = await import(new URL("ranking/leaderboard.js", folder));

const { site, files, settings } = JSON.parse(readFileSync(0, "utf8"));

function board({ regimes, metric, tasks, models, rules }) {
  const views = regimes.map((regime) => {
    const facts = site.views.find((view) => view.regime === regime && view.metric === metric);
    return viewOf(site, facts, Uint8Array.from(Buffer.from(files[facts.file], "base64")).buffer);
  });
  const entrants = entrantsOf(site, views).filter((entrant) => models[entrant.model]);
  const pool = poolOf(site, entrants, tasks);
  const ranking = rankPool(pool, rules);
  const sure = intervalsOf(ranking, rules);
  const rows = pool.entrants.map((entrant, number) => {
    const place = ranking.ranked.indexOf(number);
    const row = { entrant: entrant.name, imputed_share: ranking.share[number], n_tasks_finished: ranking.finished[number] };
    if (place < 0) return row;
    for (const [name, values] of Object.entries(ranking.points)) row[name] = Number.isNaN(values[place]) ? null : values[place];
    row.is_unbounded = ranking.isUnbounded[place];
    if (!sure) return row;
    for (const [name, ends] of Object.entries(sure.ends)) {
      row[`${name}_low`] = ends.low[place];
      row[`${name}_high`] = ends.high[place];
    }
    return { ...row, rank_low: sure.best[place], rank_high: sure.worst[place], groups: sure.letters[place] };
  });
  return { rows, notices: ranking.notices, nTasks: pool.table.nTasks };
}

console.log(JSON.stringify(settings.map(board)));
