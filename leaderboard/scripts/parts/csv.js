// Files of comma-separated values, made in the page.

/**
 * Lines of cells as CSV. Text that a spreadsheet would take for a formula gets an apostrophe before it.
 * @param {(string | number | null | undefined)[][]} lines
 * @returns {string}
 */
export function csvText(lines) {
  return lines.map((line) => line.map(cellText).join(",")).join("\r\n") + "\r\n";
}

/** @param {string | number | null | undefined} value */
function cellText(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Offer a text as a file.
 * @param {string} name
 * @param {string} text
 */
export function saveText(name, text) {
  saveBlob(name, new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
}

/**
 * Offer a file.
 * @param {string} name
 * @param {Blob} blob
 */
export function saveBlob(name, blob) {
  const address = URL.createObjectURL(blob);
  save(name, address);
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // long after it was read
}

/**
 * Offer what is at an address as a file.
 * @param {string} name
 * @param {string} address
 */
export function save(name, address) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
