// What all charts share: the chart library, colours, marks, and the margins of axes.

/** @import { Family, Series } from "./types.js" */

const SVG = "http://www.w3.org/2000/svg";
const N_HUES = 6;
const DASHES = ["", "7 4", "2 3"];
const NARROW = 520;

/** Observable Plot, a classic script that the page loads before. @returns {any} */
export function plotLibrary() {
  return /** @type {any} */ (globalThis).Plot;
}

/**
 * The families by their key, from the page's own block of data.
 * @returns {Record<string, Family>}
 */
export function familiesOfPage() {
  return JSON.parse(document.getElementById("families")?.textContent || "{}");
}

/**
 * A family's colour as CSS; what is not known is `other`.
 * @param {string} family
 * @param {Record<string, Family>} families
 */
export function familyColour(family, families) {
  return `var(--${family in families ? family : "other"})`;
}

/**
 * Colour and dashes of the i-th line: six hues that stay apart for colour-blind readers, then the same dashed.
 * @param {number} i
 * @returns {{colour: string, dash: string}}
 */
export function lineLook(i) {
  return { colour: `var(--line-${(i % N_HUES) + 1})`, dash: DASHES[Math.floor(i / N_HUES) % DASHES.length] };
}

/**
 * A symbol for Plot's dots from an outline around (0, 0) about 12 wide, as the tables of the site draw it.
 * @param {string} outline of M, L, H, V, Z and whole circles by A
 */
export function symbolOf(outline) {
  const steps = [...outline.matchAll(/([MLHVAZ])([^MLHVAZ]*)/g)].map(([, letter, numbers]) => ({
    letter,
    values: (numbers.match(/-?\d*\.?\d+/g) ?? []).map(Number),
  }));
  return {
    /**
     * @param {any} context
     * @param {number} size area
     */
    draw(context, size) {
      const scale = Math.sqrt(size / 113);
      let [x, y] = [0, 0];
      for (const { letter, values } of steps) {
        if (letter === "A") {
          context.moveTo(values[0] * scale, 0);
          context.arc(0, 0, values[0] * scale, 0, 2 * Math.PI);
          return;
        }
        if (letter === "Z") {
          context.closePath();
          continue;
        }
        for (let i = 0; i < values.length; i += letter === "H" || letter === "V" ? 1 : 2) {
          if (letter === "H") x = values[i];
          else if (letter === "V") y = values[i];
          else [x, y] = [values[i], values[i + 1]];
          if (letter === "M" && i === 0) context.moveTo(x * scale, y * scale);
          else context.lineTo(x * scale, y * scale);
        }
      }
    },
  };
}

/**
 * The little picture that stands for a series in the legend.
 * @param {Series} series
 * @returns {SVGSVGElement}
 */
export function swatchOf(series) {
  const swatch = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  swatch.setAttribute("aria-hidden", "true");
  if (series.outline) {
    swatch.setAttribute("viewBox", "-8 -8 16 16");
    path.setAttribute("d", series.outline);
    path.style.fill = series.colour;
  } else {
    swatch.setAttribute("viewBox", "0 0 22 16");
    swatch.classList.add("line");
    path.setAttribute("d", "M1 8H21");
    path.style.stroke = series.colour;
    path.setAttribute("stroke-dasharray", series.dash ?? "");
  }
  swatch.append(path);
  return swatch;
}

/**
 * Options that every chart starts from.
 * @param {number} width
 * @param {Record<string, unknown>} options
 */
export function withLook(width, options) {
  return {
    width,
    marginLeft: 52,
    marginRight: 20,
    marginTop: 28,
    marginBottom: 44,
    className: "chart-drawing",
    style: { fontFamily: "inherit", fontSize: "12px", background: "none", overflow: "visible" },
    ...options,
  };
}

/**
 * @param {number} width
 * @returns {boolean}
 */
export function isNarrow(width) {
  return width < NARROW;
}

/**
 * Numbers moved apart so that neighbours are at least a gap from each other, in their order, moved as little as may be.
 * @param {number[]} values
 * @param {number} gap
 * @returns {number[]}
 */
export function spreadOut(values, gap) {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j]);
  /** @type {{members: number[], middle: number}[]} */
  const heaps = [];
  for (const i of order) {
    let heap = { members: [i], middle: values[i] };
    for (let last = heaps.at(-1); last && reach(last, 1) > reach(heap, -1); last = heaps.at(-1)) {
      heaps.pop();
      const members = [...last.members, ...heap.members];
      const middle = (last.middle * last.members.length + heap.middle * heap.members.length) / members.length;
      heap = { members, middle };
    }
    heaps.push(heap);
  }
  /**
   * @param {{members: number[], middle: number}} heap
   * @param {number} side
   */
  function reach(heap, side) {
    return heap.middle + (side * heap.members.length * gap) / 2;
  }
  const placed = new Array(values.length);
  for (const heap of heaps) {
    heap.members.forEach((i, place) => (placed[i] = reach(heap, -1) + (place + 0.5) * gap));
  }
  return placed;
}

/**
 * A name that fits beside a mark: its end is cut where it is long.
 * @param {string} name
 * @param {number} [most]
 */
export function shortened(name, most = 26) {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}
