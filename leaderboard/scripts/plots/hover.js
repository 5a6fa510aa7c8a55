// What a mark of a chart stands for, beside the pointer or the focused mark. One tab stop a chart; arrows go from mark
// to mark, Escape hides.

const GAP = 8;

/** @type {HTMLElement | null} */
let tip = null;

/** @returns {HTMLElement} */
function theTip() {
  if (tip) return tip;
  tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // the mark's own label says the same
  document.body.append(tip);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("scroll", follow, { passive: true, capture: true });
  return tip;
}

/** The tip stays beside a mark that has the focus, which may itself have scrolled the page; else it goes. */
function follow() {
  const held = document.activeElement;
  if (tip && !tip.hidden && held?.classList.contains("mark-of-chart")) show(held);
  else hide();
}

function hide() {
  if (tip) tip.hidden = true;
}

/**
 * @param {Element} mark
 */
function show(mark) {
  const [first, ...rest] = (mark.getAttribute("aria-label") ?? "").split("\n");
  const shown = theTip();
  const name = document.createElement("strong");
  name.textContent = first;
  shown.replaceChildren(name, ...rest.map((line) => Object.assign(document.createElement("span"), { textContent: line })));
  shown.hidden = false;
  const spot = mark.getBoundingClientRect();
  const room = document.documentElement.clientWidth - shown.offsetWidth - GAP;
  const left = Math.max(GAP, Math.min(spot.left + spot.width / 2 - shown.offsetWidth / 2, room));
  const above = spot.top - shown.offsetHeight - GAP;
  shown.style.left = `${left + window.scrollX}px`;
  shown.style.top = `${(above > 0 ? above : spot.bottom + GAP) + window.scrollY}px`;
}

/**
 * Let the marks of a drawing, which are what has a label and is no group, be pointed at and walked through.
 * @param {SVGSVGElement} drawing
 * @param {string} title
 */
export function makeTellable(drawing, title) {
  for (const group of drawing.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label");
  for (const group of drawing.querySelectorAll("g[aria-description]")) group.removeAttribute("aria-description");
  const marks = [...drawing.querySelectorAll("[aria-label]")];
  drawing.setAttribute("role", marks.length ? "group" : "img");
  drawing.setAttribute("aria-label", marks.length ? `${title}: ${marks.length} marks; arrow keys go through them` : title);
  for (const mark of marks) {
    mark.setAttribute("role", "img");
    mark.setAttribute("tabindex", "-1");
    mark.classList.add("mark-of-chart");
  }
  marks[0]?.setAttribute("tabindex", "0");
  /** @param {Event} event */
  const markOf = (event) => (event.target instanceof Element ? event.target.closest(".mark-of-chart") : null);
  drawing.addEventListener("pointerover", (event) => {
    const mark = markOf(event);
    if (mark) show(mark);
    else hide();
  });
  drawing.addEventListener("pointerleave", hide);
  drawing.addEventListener("focusin", (event) => {
    const mark = markOf(event);
    if (mark) show(mark);
  });
  drawing.addEventListener("focusout", hide);
  drawing.addEventListener("keydown", (event) => {
    const at = marks.indexOf(/** @type {Element} */ (event.target));
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? marks.length - 1 : step === undefined ? null : at + step;
    if (at < 0 || to === null || !marks[to]) return;
    event.preventDefault();
    marks[at].setAttribute("tabindex", "-1");
    marks[to].setAttribute("tabindex", "0");
    /** @type {SVGElement} */ (marks[to]).focus();
  });
}
