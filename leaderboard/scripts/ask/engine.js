// DuckDB in a worker, spoken to in the messages of duckdb-wasm 1.32.0: its own client needs a build step, this does not.

/** @typedef {{messageId: number, requestId: number, type: string, data: any}} Message */
/** @typedef {(text: string) => void} Tell */

/** @type {any} */
const trustedTypes = /** @type {any} */ (globalThis).trustedTypes;
const policy = trustedTypes?.createPolicy("duckdb", { createScriptURL: (/** @type {string} */ url) => url });

/** One running engine with the published database; asks one question after another. */
export class Engine {
  /** @param {Worker} worker */
  constructor(worker) {
    this.worker = worker;
    this.connection = 0;
    this.last = 0;
    /** @type {Map<number, {resolve: (data: any) => void, reject: (error: Error) => void}>} */
    this.waiting = new Map();
    worker.onmessage = (event) => this.hear(event.data);
    worker.onerror = (event) => this.fail(new Error(event.message || "The engine could not be started."));
  }

  /**
   * Fetch the engine and the database, and start.
   * @param {string} root path from this page to the site's root
   * @param {string} database path of the file from there
   * @param {Tell} tell told how far it is
   * @returns {Promise<Engine>}
   */
  static async start(root, database, tell) {
    const [wasm, rows] = await Promise.all([
      fetchBytes(`${root}scripts/vendor/duckdb-eh.wasm.gz`, (n) => tell(`Fetching the engine: ${megabytes(n)} of 7.6 MB`)),
      fetchBytes(root + database, () => undefined),
    ]);
    tell("Starting the engine");
    const module = URL.createObjectURL(new Blob([await unpacked(wasm)], { type: "application/wasm" }));
    const engine = new Engine(startWorker(new URL(`${root}scripts/vendor/duckdb-browser-eh.worker.js`, location.href).href));
    try {
      await engine.ask("INSTANTIATE", [module, null]);
      await engine.ask("OPEN", { path: ":memory:" });
      engine.connection = await engine.ask("CONNECT", null);
      await engine.ask("REGISTER_FILE_BUFFER", ["published.duckdb", rows], [rows.buffer]);
      for (const sql of OPENING) await engine.query(sql);
      return engine;
    } catch (error) {
      engine.stop();
      throw error;
    } finally {
      URL.revokeObjectURL(module);
    }
  }

  /**
   * @param {string} sql
   * @returns {Promise<Uint8Array>} an Arrow IPC stream
   */
  query(sql) {
    return this.ask("RUN_QUERY", [this.connection, sql]);
  }

  /** End it; a question that is waiting is given up. */
  stop() {
    this.worker.terminate();
    this.fail(new Error("Stopped."));
  }

  /**
   * @param {string} type
   * @param {any} data
   * @param {Transferable[]} [given]
   * @returns {Promise<any>}
   */
  ask(type, data, given = []) {
    const messageId = ++this.last;
    return new Promise((resolve, reject) => {
      this.waiting.set(messageId, { resolve, reject });
      this.worker.postMessage({ messageId, type, data }, given);
    });
  }

  /** @param {Message} message */
  hear(message) {
    const asked = this.waiting.get(message.requestId);
    if (!asked || NEWS.has(message.type)) return;
    this.waiting.delete(message.requestId);
    if (message.type === "ERROR") asked.reject(new Error(message.data.message));
    else asked.resolve(message.data);
  }

  /** @param {Error} error */
  fail(error) {
    for (const asked of this.waiting.values()) asked.reject(error);
    this.waiting.clear();
  }
}

/** What the worker says between question and answer. */
const NEWS = new Set(["INSTANTIATE_PROGRESS", "PROGRESS_UPDATE", "LOG"]);

/** What is set before the first question: the published rows, and nothing from outside. */
const OPENING = [
  "ATTACH 'published.duckdb' AS published (READ_ONLY)",
  "USE published",
  "SET autoinstall_known_extensions = false",
  "SET autoload_known_extensions = false",
  "SET enable_external_access = false",
  "SET lock_configuration = true",
];

/**
 * A worker that keeps the page's policy: one that is started from its file would have none of its own.
 * @param {string} url
 */
function startWorker(url) {
  const text = `
    const policy = self.trustedTypes?.createPolicy("duckdb", { createScriptURL: (url) => url });
    const url = ${JSON.stringify(url)};
    importScripts(policy ? policy.createScriptURL(url) : url);`;
  const blob = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return new Worker(policy ? policy.createScriptURL(blob) : blob);
  } finally {
    setTimeout(() => URL.revokeObjectURL(blob), 10_000);
  }
}

/**
 * @param {string} path
 * @param {(n: number) => void} tell told how many bytes have come
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function fetchBytes(path, tell) {
  const answer = await fetch(path);
  if (!answer.ok || !answer.body) throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
  const parts = [];
  let size = 0;
  const reader = answer.body.getReader();
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    parts.push(step.value);
    size += step.value.length;
    tell(size);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The module as it is: some servers unpack `.gz` on the way.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<ArrayBuffer>}
 */
async function unpacked(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.buffer;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** @param {number} n */
function megabytes(n) {
  return (n / 1e6).toFixed(1);
}
