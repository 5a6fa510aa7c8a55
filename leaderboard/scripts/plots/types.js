// The shapes that charts and their frame hand to each other.

/** @import { View } from "../data/types.js" */
/** @import { Table } from "./table.js" */

/** @typedef {[string, string]} Family its word, and the outline of its mark around (0, 0) */

/**
 * One entry of a legend.
 * @typedef {object} Series
 * @property {string} key
 * @property {string} name
 * @property {string} colour CSS
 * @property {string} [outline] of a mark; a line where there is none
 * @property {string} [dash] of a line
 * @property {boolean} [isOff] hidden until it is asked for
 */

/**
 * What a chart is drawn as.
 * @typedef {object} Drawn
 * @property {SVGSVGElement | null} svg null where there is nothing to draw
 * @property {Table} table
 * @property {string} note a sentence on what is drawn, or why nothing is
 */

/**
 * A chart: its frame asks it for a legend, and to draw itself at a width with the series that are shown.
 * @typedef {object} Chart
 * @property {string} id of its section on the page
 * @property {() => Series[]} series
 * @property {(width: number, isShown: (key: string) => boolean) => Drawn} draw
 */

/**
 * The entrants that are ranked together, without gaps; models by their number in it.
 * @typedef {object} Pool
 * @property {string[]} names
 * @property {string[]} families
 * @property {number[]} models their numbers on the site
 * @property {View[]} views where their rows are
 * @property {Float64Array} errors split by split, a number a model
 * @property {Int32Array} taskOf number in `tasks` of each split
 * @property {number[]} tasks numbers of the site's tasks
 * @property {number[]} order from the best mean rank to the worst
 */

export {};
