// What a point of a plot stands for, beside the pointer or the focused point. Escape hides it.
(function () {
  "use strict";

  const points = document.querySelectorAll("[data-tip]");
  if (!points.length) return;
  const tip = document.createElement("div");
  const name = document.createElement("strong");
  const detail = document.createElement("span");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // the link's own label says the same
  tip.append(name, detail);
  document.body.append(tip);

  function show(point) {
    name.textContent = point.dataset.tip;
    detail.textContent = point.dataset.detail;
    tip.hidden = false;
    const spot = point.querySelector(".hit").getBoundingClientRect();
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    const left = Math.min(Math.max(8, spot.left + spot.width / 2 - tip.offsetWidth / 2), Math.max(8, room));
    const above = spot.top - tip.offsetHeight - 6;
    tip.style.left = `${left + window.scrollX}px`;
    tip.style.top = `${(above > 0 ? above : spot.bottom + 6) + window.scrollY}px`;
  }

  const hide = () => { tip.hidden = true; };
  for (const point of points) {
    point.addEventListener("pointerenter", () => show(point));
    point.addEventListener("pointerleave", hide);
    point.addEventListener("focus", () => show(point));
    point.addEventListener("blur", hide);
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
