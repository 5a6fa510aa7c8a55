// Performance profiles, drawn.

import { performanceProfiles } from "../statistics/profiles.js";
import { drawLines } from "./lines.js";
import { modelSeries } from "./pool.js";
import { percent } from "./table.js";

/** @import { Drawn, Pool } from "./types.js" */

const N_RATIOS = 41;

/**
 * Factors from 1 to where three quarters of the models have reached nine tasks of ten, evenly on a logarithmic axis.
 * @param {Pool} pool
 * @returns {number[]}
 */
export function ratiosOf(pool) {
  const nModels = pool.names.length;
  const factors = [];
  for (let split = 0; split < pool.taskOf.length; split++) {
    const row = pool.errors.subarray(split * nModels, (split + 1) * nModels);
    const best = Math.min(...row);
    if (best > 0) factors.push(...Array.from(row, (error) => error / best));
  }
  factors.sort((a, b) => a - b);
  const end = Math.min(Math.max(factors[Math.floor(0.9 * (factors.length - 1))] ?? 2, 1.05), 1000);
  return Array.from({ length: N_RATIOS }, (_, i) => end ** (i / (N_RATIOS - 1)));
}

/**
 * @param {Pool} pool
 * @param {number} width
 * @param {(key: string) => boolean} isShown
 * @returns {Drawn}
 */
export function drawProfiles(pool, width, isShown) {
  const ratios = ratiosOf(pool);
  const nModels = pool.names.length;
  const shares = performanceProfiles(pool.errors, nModels, pool.taskOf, ratios);
  const table = {
    columns: ["model", "factor", "share of tasks"],
    rows: pool.order.flatMap((model) => ratios.map((ratio, i) => [pool.names[model], ratio, shares[i][model]])),
  };
  if (pool.errors.some((error) => error < 0)) {
    return { svg: null, table: { ...table, rows: [] }, note: "Some errors are below zero, so that factors mean nothing." };
  }
  const shown = modelSeries(pool).filter((series) => isShown(series.key));
  if (!shown.length || !pool.taskOf.length) return { svg: null, table, note: "No model is shown." };
  const lines = shown.map((series) => {
    const model = pool.names.indexOf(series.key);
    const points = ratios.map((ratio, i) => ({
      x: ratio, y: shares[i][model],
      told: `${series.name}\nwithin ${ratio.toFixed(2)} × the least error\non ${percent(shares[i][model])} of tasks`,
    }));
    return { name: series.name, colour: series.colour, dash: series.dash ?? "", points };
  });
  const svg = drawLines(lines, width, {
    x: { type: "log", label: "error ÷ least error (log) →", domain: [1, ratios[ratios.length - 1]], tickFormat: (/** @type {number} */ x) => `${Number(x.toPrecision(3))}×`, ticks: 6 },
    y: { domain: [0, 1], label: "↑ share of tasks", tickFormat: (/** @type {number} */ y) => percent(y, 0), ticks: 5 },
  });
  return { svg, table, note: `${shown.length} of ${nModels} models shown.` };
}
