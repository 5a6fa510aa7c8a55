// A switch shows the parts of the page that carry its value (data-regime, data-cost) and hides the others.
(function () {
  "use strict";

  const chosen = {};

  function apply() {
    const names = Object.keys(chosen);
    if (!names.length) return;
    for (const part of document.querySelectorAll(names.map((name) => `[data-${name}]`).join())) {
      part.hidden = names.some((name) => name in part.dataset && part.dataset[name] !== chosen[name]);
    }
  }

  for (const group of document.querySelectorAll("fieldset[data-switch]")) {
    group.hidden = false;
    const read = () => {
      chosen[group.dataset.switch] = group.querySelector("input:checked").value;
      apply();
    };
    group.addEventListener("change", read);
    read();
  }
  // What only a page without scripts needs: the names of the parts that are otherwise switched.
  for (const part of document.querySelectorAll(".static")) part.hidden = true;
})();
