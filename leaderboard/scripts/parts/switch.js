// A switch shows the parts of the page that carry its value (data-regime, data-cost) and hides the others.

/** Make every `fieldset[data-switch]` work. */
export function installSwitches() {
  /** @type {Record<string, string>} */
  const chosen = {};

  function apply() {
    const names = Object.keys(chosen);
    if (!names.length) return;
    for (const part of document.querySelectorAll(names.map((name) => `[data-${name}]`).join())) {
      if (!(part instanceof HTMLElement || part instanceof SVGElement)) continue;
      const isOther = names.some((name) => name in part.dataset && part.dataset[name] !== chosen[name]);
      part.toggleAttribute("hidden", isOther);
    }
  }

  for (const group of document.querySelectorAll("fieldset[data-switch]")) {
    if (!(group instanceof HTMLElement)) continue;
    group.hidden = false;
    const read = () => {
      const input = group.querySelector("input:checked");
      if (input instanceof HTMLInputElement) chosen[group.dataset.switch ?? ""] = input.value;
      apply();
    };
    group.addEventListener("change", read);
    read();
  }
  // What only a page without scripts needs: the names of the parts that are otherwise switched.
  for (const part of document.querySelectorAll(".static")) part.toggleAttribute("hidden", true);
}
