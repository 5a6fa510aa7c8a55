// What the ranking engine takes and gives. Names and rules are those of tabbench.ranking; docs/ranking.md defines them.

/** @import { View } from "../data/types.js" */

/**
 * Errors of one pool.
 * @typedef {object} Table
 * @property {number} nModels
 * @property {number} nSplits
 * @property {number} nTasks
 * @property {Int32Array} taskOf number of each split's task
 * @property {Float64Array} errors split by split, a number an entrant, lower is better; NaN is a gap
 */

/** @typedef {"constant" | "reference" | "worst" | "leave_out"} Imputation */

/**
 * The choices behind a ranking.
 * @typedef {object} Rules
 * @property {Imputation} impute
 * @property {string} constant name of the constant predictor
 * @property {string} reference model of skill and of imputation by reference; empty: the constant predictor
 * @property {number} seed of all draws
 */

/**
 * An entrant: a model under a regime.
 * @typedef {object} Entrant
 * @property {string} name
 * @property {number} model number of the model
 * @property {View} view
 */

/**
 * A pool before anything is ranked. Numbers of tasks are those of the site.
 * @typedef {object} Pool
 * @property {Entrant[]} entrants in the order of their names
 * @property {number[]} tasks
 * @property {string[]} families of each task
 * @property {Table} table
 */

/**
 * What each entrant of a ranked pool comes to; NaN where a number does not exist.
 * @typedef {object} Aggregates
 * @property {Float64Array} mean_rank
 * @property {Float64Array} elo
 * @property {Float64Array} win_rate
 * @property {Float64Array} normalised_score
 * @property {Float64Array} improvability
 * @property {Float64Array} skill_score
 * @property {Float64Array} median_rank
 * @property {Float64Array} best_rank
 * @property {Float64Array} worst_rank
 * @property {Float64Array} n_first
 */

/** @typedef {{low: Float64Array, high: Float64Array}} Ends of intervals, a number an entrant */

export {};
