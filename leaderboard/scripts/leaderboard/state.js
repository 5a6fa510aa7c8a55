// What the reader has chosen, and its place in the address bar: a link holds the whole view.

/**
 * A range of numbers; null is no end.
 * @typedef {[number | null, number | null]} Range
 */

/**
 * @typedef {object} State
 * @property {string} regime or "all"
 * @property {string} metric
 * @property {string} by the aggregate that orders the table
 * @property {string} sort the column, where another one orders it
 * @property {boolean} isReversed whether the order is turned: worst first
 * @property {string} impute
 * @property {string} reference
 * @property {string} query
 * @property {string[]} types task types; empty is all, as in every list here
 * @property {string[]} splits kinds of splits
 * @property {string[]} suites
 * @property {string[]} families
 * @property {string[]} licences
 * @property {string} seen any, unseen (leave out models that saw a shown task) or scratch (all pretrained ones)
 * @property {Record<string, Range>} ranges
 * @property {string[]} columns
 * @property {string[]} pinned names of entrants
 */

/** Ranges of facts of tasks: the word in the address. Shares are percentages. */
export const RANGES = ["rows", "features", "classes", "categorical", "missing", "majority"];
const WORDS = ["regime", "metric", "by", "sort", "impute", "reference", "query", "seen"];
const LISTS = ["types", "splits", "suites", "families", "licences", "columns", "pinned"];

/**
 * The model whose errors stand in until another is chosen: the constant predictor, or the first where there is none.
 * @param {{name: string}[]} models of the site
 */
export function openingReference(models) {
  const names = models.map((model) => model.name);
  return names.includes("constant") ? "constant" : (names[0] ?? "");
}

/**
 * The state that a fragment spells; what it does not know stays as it opens.
 * @param {string} fragment with or without #
 * @param {State} opening
 * @param {Record<string, string[]>} [allowed] words that a name may have; any, for names that are not in it
 * @returns {State}
 */
export function readState(fragment, opening, allowed = {}) {
  const words = new URLSearchParams(fragment.replace(/^#/, ""));
  /** @type {Record<string, any>} */
  const state = { ...opening, ranges: {} };
  const isAllowed = (/** @type {string} */ name, /** @type {string} */ word) => allowed[name]?.includes(word) ?? true;
  for (const name of WORDS) {
    const word = words.get(name);
    if (word !== null && isAllowed(name, word)) state[name] = word;
  }
  for (const name of LISTS) {
    const given = words.getAll(name).filter(Boolean);
    const kept = given.filter((word) => isAllowed(name, word));
    if (words.has(name) && (kept.length || !given.length)) state[name] = kept;
  }
  for (const name of RANGES) {
    const [low, high] = (words.get(name) ?? "").split("~").map(numberOrNull);
    if (low !== null || (high ?? null) !== null) state.ranges[name] = [low, high ?? null];
  }
  state.isReversed = words.get("order") === "reversed";
  return /** @type {State} */ (state);
}

/**
 * The fragment of a state: only what differs from how the page opens.
 * @param {State} state
 * @param {State} opening
 * @returns {string} without #
 */
export function writeState(state, opening) {
  const words = new URLSearchParams();
  const [now, then] = /** @type {Record<string, any>[]} */ ([state, opening]);
  for (const name of WORDS) if (now[name] !== then[name]) words.set(name, now[name]);
  for (const name of LISTS) {
    if (String(now[name]) === String(then[name])) continue;
    if (!now[name].length) words.set(name, "");
    for (const value of now[name]) words.append(name, value);
  }
  for (const [name, [low, high]] of Object.entries(state.ranges)) {
    if (low !== null || high !== null) words.set(name, `${low ?? ""}~${high ?? ""}`);
  }
  if (state.isReversed) words.set("order", "reversed");
  return words.toString();
}

/**
 * @param {string | undefined} text
 * @returns {number | null}
 */
function numberOrNull(text) {
  return text === undefined || text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text);
}
