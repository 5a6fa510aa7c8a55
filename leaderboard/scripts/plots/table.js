// A chart's numbers as a table: what its CSV holds and what is shown below it.

/**
 * @typedef {object} Table
 * @property {string[]} columns
 * @property {(string | number | null)[][]} rows
 */

/**
 * A number for reading: significant digits, no powers of ten between 1e-4 and 1e6.
 * @param {number | null | undefined} value
 * @param {number} [digits]
 * @returns {string}
 */
export function significant(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  if (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6) return value.toExponential(digits - 1);
  const magnitude = Math.floor(Math.log10(Math.abs(Number(value.toExponential(digits - 1)))));
  return value.toFixed(Math.max(digits - 1 - magnitude, 0));
}

/**
 * A share as a percentage, with its sign where asked for.
 * @param {number} share
 * @param {number} [digits]
 * @param {boolean} [signed]
 * @returns {string}
 */
export function percent(share, digits = 1, signed = false) {
  if (!Number.isFinite(share)) return "–";
  const shown = Math.abs(100 * share).toFixed(digits);
  const sign = !Number(shown) ? "" : share < 0 ? "−" : signed ? "+" : "";
  return `${sign}${shown} %`;
}

/**
 * The table as an element; only its first rows, and a sentence on the others.
 * @param {Table} table
 * @param {number} [most]
 * @returns {HTMLElement}
 */
export function tableElement(table, most = 200) {
  const holder = document.createElement("div");
  holder.className = "scroll";
  holder.tabIndex = 0;
  holder.setAttribute("role", "region");
  holder.setAttribute("aria-label", "Data of the chart");
  const made = document.createElement("table");
  const head = made.createTHead().insertRow();
  const isNumber = table.columns.map((_, i) => table.rows.some((row) => typeof row[i] === "number"));
  table.columns.forEach((name, i) => {
    const heading = document.createElement("th");
    heading.scope = "col";
    heading.textContent = name;
    heading.classList.toggle("number", isNumber[i]);
    head.append(heading);
  });
  const body = made.createTBody();
  for (const row of table.rows.slice(0, most)) {
    const line = body.insertRow();
    row.forEach((value, i) => {
      const place = line.insertCell();
      place.textContent = typeof value === "number" ? significant(value, 4) : (value ?? "–");
      place.classList.toggle("number", isNumber[i]);
    });
  }
  holder.append(made);
  if (table.rows.length > most) {
    const rest = document.createElement("p");
    rest.className = "caption";
    rest.textContent = `${table.rows.length - most} more rows: the CSV has all.`;
    holder.append(rest);
  }
  return holder;
}
