// Numbers as Python prints them: rounded half to even, where JavaScript rounds halves up.

/**
 * A number with so many decimals; a dash for NaN.
 * @param {number} value
 * @param {number} digits
 * @returns {string}
 */
export function fixed(value, digits) {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  const exact = Math.abs(value).toFixed(Math.min(digits + 30, 100));
  const rest = exact.slice(exact.indexOf(".") + 1 + digits);
  if (!/^50*$/.test(rest)) return text;
  const below = exact.slice(0, exact.length - rest.length).replace(/\.$/, "");
  const isEven = Number(below.at(-1)) % 2 === 0;
  return isEven ? (value < 0 ? "-" : "") + below : text;
}

/**
 * A share of 1 as a whole percentage, as `f"{share:.0%}"`.
 * @param {number} share
 */
export function percent(share) {
  return `${fixed(share * 100, 0)}%`;
}
