// The analysis page: draws what was computed when the site was built.

import { addChoice } from "../plots/controls.js";
import { Frame } from "../plots/frame.js";
import { drawLineView, seriesOf } from "./line_views.js";
import { drawMarks } from "./marks.js";

/** @import { AnalysisChart } from "./types.js" */

const root = document.body.dataset.root ?? "";

/** @param {AnalysisChart} chart */
function show(chart) {
  let view = chart.views[0];
  const frame = new Frame({
    id: chart.key,
    series: () => ("lines" in view ? seriesOf(view) : []),
    draw: (width, isShown) => ("lines" in view ? drawLineView(view, width, isShown) : drawMarks(view, width)),
  });
  if (chart.views.length > 1) {
    addChoice(chart.key, chart.choice, chart.views.map((one, i) => [String(i), one.title]), "0", (value) => {
      view = chart.views[Number(value)];
      frame.draw();
    });
  }
  frame.draw();
}

async function start() {
  const answer = await fetch(`${root}data/analysis.json`);
  if (!answer.ok) throw new Error(`data/analysis.json: ${answer.status} ${answer.statusText}`);
  for (const chart of /** @type {AnalysisChart[]} */ (await answer.json())) show(chart);
}

start().catch((error) => {
  const trouble = document.getElementById("trouble");
  if (!trouble) throw error;
  trouble.textContent = `The charts could not be drawn: ${error instanceof Error ? error.message : error}`;
  trouble.hidden = false;
  throw error;
});
