// Intervals in a thread of their own, so that the page never waits for them.

import { intervalsOf, rankPool } from "./leaderboard.js";

/** @import { Pool, Rules } from "./types.js" */

self.addEventListener("message", (event) => {
  /** @type {{pool: Pool, rules: Rules}} */
  const { pool, rules } = event.data;
  self.postMessage(intervalsOf(rankPool(pool, rules), rules));
});
