// The frame of a chart: legend that toggles, downloads, the data as a table, and drawing anew when the width changes.

import { saveCsv, savePng, saveSvg } from "./download.js";
import { makeTellable } from "./hover.js";
import { swatchOf } from "./look.js";
import { tableElement } from "./table.js";

/** @import { Chart, Drawn, Series } from "./types.js" */

export class Frame {
  /** @param {Chart} chart */
  constructor(chart) {
    const section = document.getElementById(chart.id);
    if (!section) throw new Error(`The page has no section ${chart.id}.`);
    this.chart = chart;
    this.section = section;
    this.canvas = partOf(section, ".canvas");
    this.legend = partOf(section, ".legend");
    this.note = partOf(section, ".drawn-note");
    this.data = /** @type {HTMLDetailsElement} */ (partOf(section, "details.data"));
    this.title = section.querySelector("h2, h3")?.textContent ?? chart.id;
    /** @type {Map<string, boolean>} */
    this.chosen = new Map();
    /** @type {Drawn | null} */
    this.drawn = null;
    this.width = 0;
    this.addTools(partOf(section, ".tools"));
    this.data.addEventListener("toggle", () => this.fillTable());
    new ResizeObserver(() => {
      if (this.drawn && this.canvas.clientWidth !== this.width) this.draw();
    }).observe(this.canvas);
  }

  /** Draw with what the chart now knows; a chart that fails says so in its place, and the page goes on. */
  draw() {
    this.width = this.canvas.clientWidth;
    /** @type {Series[]} */
    let series = [];
    /** @type {Set<string>} */
    let off = new Set();
    /** @type {Drawn} */
    let drawn;
    try {
      series = this.chart.series();
      off = new Set(series.filter((s) => !(this.chosen.get(s.key) ?? !s.isOff)).map((s) => s.key));
      drawn = this.chart.draw(Math.max(this.width, 280), (key) => !off.has(key));
      if (drawn.svg) {
        drawn.svg.querySelector("style")?.remove(); // the page's own styles say the same; its policy allows no other
        makeTellable(drawn.svg, this.title);
      }
    } catch (error) {
      console.error(error);
      const note = `This chart could not be drawn: ${error instanceof Error ? error.message : error}`;
      drawn = { svg: null, table: { columns: [], rows: [] }, note };
    }
    this.canvas.replaceChildren(...(drawn.svg ? [drawn.svg] : []));
    this.note.textContent = drawn.note;
    this.drawn = drawn;
    this.showLegend(series, off);
    for (const button of this.section.querySelectorAll(".tools button")) button.toggleAttribute("disabled", !drawn.svg);
    this.fillTable();
  }

  /**
   * @param {Series[]} series
   * @param {Set<string>} off
   */
  showLegend(series, off) {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined;
    this.legend.hidden = series.length < 2;
    this.legend.replaceChildren(
      ...series.map((one) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.key = one.key;
        button.setAttribute("aria-pressed", String(!off.has(one.key)));
        button.append(swatchOf(one), one.name);
        button.addEventListener("click", () => {
          this.chosen.set(one.key, off.has(one.key));
          this.draw();
        });
        item.append(button);
        return item;
      }),
    );
    if (focused !== undefined && !this.legend.contains(document.activeElement)) {
      const again = [...this.legend.querySelectorAll("button")].find((button) => button.dataset.key === focused);
      if (again && document.activeElement === document.body) again.focus({ preventScroll: true });
    }
  }

  /** @param {HTMLElement} tools */
  addTools(tools) {
    const name = `tabbench-${this.chart.id}`;
    /** @type {Record<string, (drawn: Drawn) => unknown>} */
    const ways = {
      SVG: ({ svg }) => svg && saveSvg(name, svg, this.title),
      PNG: ({ svg }) => svg && savePng(name, svg, this.title),
      CSV: ({ table }) => saveCsv(name, table),
    };
    for (const [word, save] of Object.entries(ways)) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = word;
      button.setAttribute("aria-label", `Download ${this.title} as ${word}`);
      button.addEventListener("click", () => this.drawn && save(this.drawn));
      tools.append(button);
    }
  }

  fillTable() {
    const old = this.data.querySelector(".scroll");
    old?.remove();
    if (this.data.open && this.drawn) this.data.append(tableElement(this.drawn.table));
  }
}

/**
 * @param {HTMLElement} section
 * @param {string} selector
 * @returns {HTMLElement}
 */
function partOf(section, selector) {
  const part = section.querySelector(selector);
  if (!(part instanceof HTMLElement)) throw new Error(`${section.id} has no ${selector}.`);
  return part;
}
