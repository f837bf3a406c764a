// Moves the focus on when what had it is gone: to what comes next in its place, or else to the heading of that part.

const STOPS = ":is(a[href], button, input, select, summary, [tabindex]):not(:disabled, [tabindex='-1'])";
const HEADINGS = "summary, h2, h3";
const PASSING = "#toast, #notices"; // from there, too, one goes back to where one was

const places = new WeakMap(); // in a dialog, or behind it: what had the focus, and all around it, each with its place

const layer = () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
const isThere = (node) => node.isConnected && node.checkVisibility() && !node.disabled;

function around(node) {
  const place = [];
  for (let one = node; one !== document.body; one = one.parentElement) place.push({ node: one, parent: one.parentElement, i: [...one.parentElement.children].indexOf(one) });
  return place;
}

/** What comes in the place of a child of `parent` that is gone: a button of the same kind, or else the first. */
const heir = (last) => ({ parent, i }) => {
  const next = parent.children[Math.min(i, parent.children.length - 1)];
  const stops = [...(next?.querySelectorAll(STOPS) ?? []), ...parent.querySelectorAll(HEADINGS)].filter(isThere);
  return isThere(parent) && (stops.find((one) => one.className && one.className === last.className) ?? stops[0]);
};

function goOn() {
  const [here, place] = [document.activeElement, places.get(layer())];
  if (!place || (here !== document.body && isThere(here))) return;
  const [{ node: last }] = place;
  const next = isThere(last) ? last : place.map(heir(last)).find(Boolean);
  if (!next) return;
  if (!next.matches(STOPS) && !next.hasAttribute("tabindex")) next.tabIndex = -1;
  next.focus();
}

let frame = 0; // that was requested: by then the focus is where it goes by itself
function later() {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(goOn);
}

document.addEventListener("focusin", ({ target }) => target.closest(PASSING) || places.set(layer(), around(target)));
document.addEventListener("pointerdown", ({ target }) => target.closest(PASSING) || places.delete(layer())); // beside all
new MutationObserver(later).observe(document, { subtree: true, childList: true, attributeFilter: ["class", "data-view", "disabled", "hidden", "open"] });
