// The controls above a chart: a choice of one out of several.

/**
 * @param {string} chart id of its section
 * @param {string} label
 * @param {[string, string][]} options value and word
 * @param {string} chosen
 * @param {(value: string) => void} onChange
 * @returns {HTMLSelectElement}
 */
export function addChoice(chart, label, options, chosen, onChange) {
  const holder = document.querySelector(`#${chart} .controls`);
  if (!holder) throw new Error(`${chart} has no controls.`);
  const select = document.createElement("select");
  setOptions(select, options, chosen);
  select.addEventListener("change", () => onChange(select.value));
  const named = document.createElement("label");
  named.className = "choice";
  named.append(label, select);
  holder.append(named);
  return select;
}

/**
 * @param {HTMLSelectElement} select
 * @param {[string, string][]} options
 * @param {string} chosen stays chosen if it is still there
 */
export function setOptions(select, options, chosen) {
  select.replaceChildren(
    ...options.map(([value, word]) => {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = word;
      return option;
    }),
  );
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}
