// What the charts of the analysis page are drawn from, as leaderboard/analyses/shown.py writes it.

/** @import { Table } from "../plots/table.js" */

/**
 * A value with its interval in a row of its own.
 * @typedef {object} Mark
 * @property {string} name
 * @property {number} value
 * @property {number | null} low
 * @property {number | null} high
 * @property {string} told
 * @property {boolean} is_filled
 */

/**
 * Rows of marks on one scale.
 * @typedef {object} MarkView
 * @property {string} title
 * @property {string} axis
 * @property {boolean} is_percent
 * @property {Mark[]} marks
 * @property {Table} table
 * @property {string[]} sides what lies left and right of 0, or nothing
 * @property {string[]} hues families of the two sides, or nothing
 * @property {string} note
 */

/**
 * @typedef {object} Point
 * @property {number} x
 * @property {number} y
 * @property {string} told
 * @property {number | null} low
 * @property {number | null} high
 */

/** @typedef {{name: string, points: Point[]}} Line one without a name is faint */

/**
 * Lines over a shared axis.
 * @typedef {object} LineView
 * @property {string} title
 * @property {string} x_axis
 * @property {string} y_axis
 * @property {boolean} is_percent
 * @property {boolean} is_log
 * @property {string[]} places words for x = 0, 1, 2 …, or nothing
 * @property {Line[]} lines
 * @property {Table} table
 * @property {string} note
 */

/** @typedef {{key: string, choice: string, views: (MarkView | LineView)[]}} AnalysisChart */

export {};
