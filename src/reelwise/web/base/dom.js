// Building and filling nodes. Titles and queries only ever become text, never markup.

const ICONS = new URL("icons.svg", import.meta.url).pathname;

const nodes = (children) => children.flat(Infinity).filter(Boolean);

function made(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (![null, undefined, false].includes(value)) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...nodes(children));
  return node;
}

/** An element, as in `h("button", {class: "quiet", onclick: add}, "Add")`. */
export const h = (tag, props = {}, ...children) => made(document.createElement(tag), props, children);

/** An element of SVG. */
export const s = (tag, props = {}, ...children) => made(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);

/** A small picture; text or a label beside it says what it means. */
export const icon = (name) => s("svg", { class: "icon", "aria-hidden": "true" }, s("use", { href: `${ICONS}#${name}` }));

export const button = (kind, label, onclick, ...inside) => h("button", { type: "button", class: kind, "aria-label": label, title: label, onclick }, inside);

/** A button for a genre or a group of films. */
export const pill = (name, onclick, words = name) => h("button", { type: "button", class: "pill", "data-genre": name, onclick }, words);

export const byId = (id) => document.getElementById(id);

/** The list without some of its items. */
export const but = (list, ...gone) => list.filter((one) => !gone.includes(one));

export const within = (low, high, value) => Math.min(high, Math.max(low, value));

/** Replaces the contents of `node`. */
export const put = (node, ...children) => node.replaceChildren(...nodes(children));

/** Sets custom properties of a node's style. */
export const paint = (node, values) => Object.entries(values).forEach(([name, value]) => node.style.setProperty(`--${name}`, value));

/** A copy of a template's contents, and a function that finds its parts. */
export function copyOf(id) {
  const copy = document.importNode(byId(id).content, true).firstElementChild;
  return [copy, (selector) => copy.querySelector(selector)];
}

const HEARD = 5000; // milliseconds that a line stays to be read out

/** Says something to screen readers, one thing after the other. */
export function announce(text) {
  const line = h("p", {}, text);
  byId("announcer").append(line);
  setTimeout(() => line.remove(), HEARD);
}

export const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Replaces the children of `parent`; those that stay glide to their new places. */
export function glide(parent, children) {
  const before = new Map([...parent.children].map((child) => [child, child.getBoundingClientRect()]));
  put(parent, children);
  if (calm.matches) return;
  for (const child of children) {
    const [old, now] = [before.get(child), child.getBoundingClientRect()];
    const from = old ? { transform: `translate(${old.left - now.left}px,${old.top - now.top}px)` } : { opacity: 0, transform: "translateY(14px) scale(.97)" };
    child.animate([from, {}], { duration: 420, easing: "cubic-bezier(.2,.8,.2,1)" });
  }
}
