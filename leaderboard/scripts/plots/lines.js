// Lines of several models over a shared axis, named at their right ends: performance profiles and tuning curves.

import { isNarrow, plotLibrary, shortened, spreadOut, withLook } from "./look.js";

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {string} colour
 * @property {string} dash
 * @property {{x: number, y: number, low?: number | null, high?: number | null, told: string}[]} points by rising x
 */

/**
 * @param {Line[]} lines
 * @param {number} width
 * @param {{x: object, y: {domain: [number, number]} & Record<string, unknown>, curve?: string, marks?: unknown[]}} options of the axes
 * @returns {SVGSVGElement}
 */
export function drawLines(lines, width, options) {
  const Plot = plotLibrary();
  const height = isNarrow(width) ? 340 : 420;
  const marginRight = isNarrow(width) ? 96 : 170;
  const [marginTop, marginBottom] = [28, 44];
  const [low, high] = options.y.domain;
  const span = height - marginTop - marginBottom;
  const ends = lines.map((line) => line.points[line.points.length - 1]);
  const places = spreadOut(ends.map((end) => marginTop + ((high - end.y) / (high - low)) * span), 15);
  const curve = options.curve ?? "linear";
  return Plot.plot(
    withLook(width, {
      height, marginRight, marginTop, marginBottom,
      x: { grid: true, ...options.x },
      y: { grid: true, ...options.y },
      marks: [
        ...(options.marks ?? []),
        ...lines.map((line) =>
          Plot.areaY(line.points.filter((p) => p.low != null && p.high != null), {
            x: "x", y1: "low", y2: "high", fill: line.colour, fillOpacity: 0.12, curve, ariaHidden: "true",
          }),
        ),
        ...lines.map((line) =>
          Plot.line(line.points, { x: "x", y: "y", stroke: line.colour, strokeWidth: 2, strokeDasharray: line.dash || undefined, curve, ariaHidden: "true" }),
        ),
        ...lines.map((line) =>
          Plot.dot(line.points, { x: "x", y: "y", r: 3, fill: line.colour, stroke: line.colour, strokeOpacity: 0, strokeWidth: 10, fillOpacity: 0.9, ariaLabel: "told", className: "screen" }),
        ),
        ...lines.map((line, i) =>
          Plot.text([ends[i]], {
            x: "x", y: "y", frameAnchor: "right", text: () => shortened(line.name, isNarrow(width) ? 12 : 22), fill: line.colour, textAnchor: "start",
            dx: 10, dy: places[i] - (marginTop + ((high - ends[i].y) / (high - low)) * span), fontWeight: 600, fontSize: 12, ariaHidden: "true",
          }),
        ),
      ],
    }),
  );
}
