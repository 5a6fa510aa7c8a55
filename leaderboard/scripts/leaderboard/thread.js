// Starts the worker that makes intervals, from the code that the page holds: a page from disk may load no file.

/** @import { Sure } from "../ranking/leaderboard.js" */
/** @import { Pool, Rules } from "../ranking/types.js" */

/** @type {Worker | null} */
let busy = null;

/**
 * The intervals of a pool; what was asked before and is not done is given up, and never answered.
 * @param {Pool} pool
 * @param {Rules} rules
 * @returns {Promise<Sure | null>}
 */
export function intervalsInThread(pool, rules) {
  stopThread();
  const worker = startWorker();
  busy = worker;
  const entrants = pool.entrants.map(({ name, model }) => ({ name, model }));
  return new Promise((answer, refuse) => {
    worker.addEventListener("message", (event) => {
      stopThread();
      answer(event.data);
    });
    worker.addEventListener("error", (event) => refuse(new Error(event.message)));
    worker.postMessage({ pool: { ...pool, entrants }, rules });
  });
}

/** Give up what is under way. */
export function stopThread() {
  busy?.terminate();
  busy = null;
}

/** @returns {Worker} */
function startWorker() {
  const code = document.getElementById("worker-code")?.textContent ?? "";
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(/** @type {any} */ (trusted(url)));
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  return worker;
}

/** @type {{createScriptURL: (url: string) => unknown} | null} */
let policy = null;

/**
 * The address of our own code, in the form that browsers with trusted types ask for.
 * @param {string} url
 */
function trusted(url) {
  const types = /** @type {any} */ (globalThis).trustedTypes;
  if (!types) return url;
  policy ??= types.createPolicy("tabbench-worker", { createScriptURL: (/** @type {string} */ own) => own });
  return /** @type {any} */ (policy).createScriptURL(url);
}
