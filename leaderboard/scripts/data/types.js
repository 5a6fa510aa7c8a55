// The shapes of what the builder writes (leaderboard/site_data.py) and what the pages make of it.

/**
 * @typedef {object} TaskData
 * @property {string} name
 * @property {string} title
 * @property {"binary" | "multiclass" | "regression"} task_type
 * @property {number} n_rows
 * @property {number} n_columns
 * @property {number} n_categorical
 * @property {number} n_classes 0 for regression
 * @property {number} missing_share of feature cells, 0..1
 * @property {number | null} majority_share share of the most frequent class
 * @property {string} split_kind kfold, holdout, grouped, temporal, fixed
 * @property {string[]} suites
 * @property {string} family related tables share one
 * @property {string} page from the site's root
 */

/**
 * @typedef {object} ModelData
 * @property {string} name
 * @property {string} title
 * @property {string} family
 * @property {string} kind model, system or baseline
 * @property {string} licence
 * @property {number} version
 * @property {string | null} pretrained_on
 * @property {string | null} defaults_tuned_on
 * @property {number[]} seen_tasks numbers of the tasks that its weights or defaults have seen
 * @property {boolean} has_space
 * @property {string} page from the site's root; empty for one that was dropped onto the page
 */

/** @typedef {{task: number[], repeat: number[], fold: number[]}} SplitKeys in the order of task, repeat, fold */

/** @typedef {{name: string, title: string, unit: string, task_types: string[]}} MetricData */

/**
 * @typedef {object} ViewData
 * @property {string} regime
 * @property {string} metric
 * @property {string} file from the site's root
 * @property {"timing pass" | "shared machine"} times
 * @property {string[]} notices
 */

/**
 * @typedef {object} SiteData
 * @property {number} version
 * @property {string} title
 * @property {string} suite
 * @property {string} data_as_of
 * @property {string} tabbench_version
 * @property {number} n_trials
 * @property {TaskData[]} tasks in the order of their names
 * @property {SplitKeys} splits
 * @property {ModelData[]} models in the order of their names
 * @property {MetricData[]} metrics
 * @property {ViewData[]} views
 * @property {(number | null)[]} test_per_train test rows over train rows of each split
 * @property {string[]} task_columns
 */

/**
 * The numbers of one regime under one metric.
 * @typedef {object} View
 * @property {ViewData} facts
 * @property {number} nModels
 * @property {Float64Array} errors split by split, a number a model; NaN: no row, Infinity: a row without an error
 * @property {Record<string, Float64Array>} byTask of each name in `task_columns`: task by task, a number a model
 */

export {};
