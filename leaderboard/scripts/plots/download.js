// Save a chart as SVG, PNG or CSV: made in the page, nothing is sent anywhere.

import { csvText, save, saveBlob, saveText } from "../parts/csv.js";

/** @import { Table } from "./table.js" */

const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "opacity",
  "font-family", "font-size", "font-weight", "font-variant-numeric", "paint-order", "stroke-linejoin",
  "stroke-linecap", "text-anchor", "visibility", "mix-blend-mode"];
const SCALE = 2;

/**
 * @param {string} name of the file, of our own words
 * @param {Table} table
 */
export function saveCsv(name, table) {
  saveText(`${name}.csv`, csvText([table.columns, ...table.rows]));
}

/**
 * @param {string} name
 * @param {SVGSVGElement} drawing
 * @param {string} title
 */
export function saveSvg(name, drawing, title) {
  saveBlob(`${name}.svg`, new Blob([svgText(drawing, title)], { type: "image/svg+xml" }));
}

/**
 * @param {string} name
 * @param {SVGSVGElement} drawing
 * @param {string} title
 */
export async function savePng(name, drawing, title) {
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(drawing, title))}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = SCALE * picture.width;
  canvas.height = SCALE * picture.height;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser draws no pictures.");
  pen.scale(SCALE, SCALE);
  pen.drawImage(picture, 0, 0);
  save(`${name}.png`, canvas.toDataURL("image/png")); // toBlob waits until the page is idle, seconds after the click
}

/**
 * The drawing as a file of its own: colours and letters as the page shows them, on the page's ground, with its title.
 * @param {SVGSVGElement} drawing
 * @param {string} title
 */
function svgText(drawing, title) {
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true));
  const shown = [drawing, ...drawing.querySelectorAll("*")];
  const copied = [copy, ...copy.querySelectorAll("*")];
  const colours = colourReader();
  shown.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of DRAWN) {
      const value = style.getPropertyValue(name);
      if (value) copied[i].setAttribute(name, /^(fill|stroke)$/.test(name) ? colours(value) : value);
    }
    for (const name of ["class", "tabindex", "role", "aria-label", "style"]) copied[i].removeAttribute(name);
  });
  for (const part of copy.querySelectorAll(".screen")) part.remove();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const { width, height } = drawing.viewBox.baseVal;
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", String(width));
  ground.setAttribute("height", String(height));
  ground.setAttribute("fill", colours(getComputedStyle(document.body).backgroundColor));
  const name = document.createElementNS("http://www.w3.org/2000/svg", "title");
  name.textContent = title;
  copy.prepend(name, ground);
  return new XMLSerializer().serializeToString(copy);
}

/** Any colour that a browser knows as one that every program knows. */
function colourReader() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  /** @type {Map<string, string>} */
  const known = new Map();
  /** @param {string} colour */
  return (colour) => {
    if (colour === "none" || !pen) return colour;
    let found = known.get(colour);
    if (found === undefined) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
      found = alpha ? `rgb(${red},${green},${blue})` : "none";
      known.set(colour, found);
    }
    return found;
  };
}
