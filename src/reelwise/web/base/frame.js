// The frame of all pages: theme, language, foot, notices and toasts.

import { ask, idHere } from "./api.js";
import { byId, h, put } from "./dom.js";
import "./focus.js";
import { kept } from "./kept.js";
import { T, date, fill, number } from "./texts.js";

const root = document.documentElement;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

export const isDark = () => (root.dataset.theme || (prefersDark.matches ? "dark" : "light")) === "dark";

// What draws in the theme's colours listens to the event `theme`.
const tellTheme = () => dispatchEvent(new Event("theme"));
prefersDark.addEventListener("change", tellTheme);
byId("theme").addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  tellTheme();
  kept("theme", root.dataset.theme);
});

// The address carries the language once; theme.js keeps it.
byId("language").value = T.language;
byId("language").addEventListener("change", ({ target }) => {
  kept("language", target.value);
  const query = new URLSearchParams(location.search);
  query.set("language", target.value);
  location.search = query;
});

// Addresses in the markup are relative to the document's first address, which scripts may change.
const parts = [document, ...[...document.querySelectorAll("template")].map((template) => template.content)];
for (const node of parts.flatMap((part) => [...part.querySelectorAll(":is(a, use, [rel=icon])[href]:not([href^='#'])")])) {
  node.setAttribute("href", new URL(node.getAttribute("href"), document.baseURI));
}

for (const image of document.querySelectorAll("img")) image.src = new URL(image.getAttribute("src"), document.baseURI);

const nav = document.querySelector("nav");

/** Scrolls to the link of this page, where there is no room for all. */
function showCurrent() {
  const current = nav.querySelector("[aria-current]");
  if (current) nav.scrollLeft = current.offsetLeft - nav.offsetLeft - (nav.clientWidth - current.offsetWidth) / 2;
}

/** Marks the link of this page. */
export function markCurrent(isHere) {
  for (const link of nav.children) link.ariaCurrent = isHere(link) ? "page" : null;
  showCurrent();
}
markCurrent((link) => !link.hash && link.pathname === location.pathname);

// Links that take the picks along.
const carry = ({ target }) => {
  const link = target.closest?.("[data-along]");
  if (link) link.search = location.search;
};
["pointerdown", "focusin"].forEach((kind) => document.addEventListener(kind, carry));

let scale = null; // of the stars that all on the page are by

/** Shows which model answers. */
export function describe(model) {
  scale ??= String(Object.values(model.rating_scale));
  const facts = { dataset: model.dataset, ratings: number(model.counts.ratings), users: number(model.counts.users), date: date(model.trained_at) };
  byId("foot-data").textContent = fill(T.footerData, facts);
  for (const kind of ["simulated", "posters", "taste", "predicts_stars", "citation", "map"]) document.body.classList.toggle(kind, !!model[kind]);
  showCurrent(); // another link may have appeared before it
}

// Another model answers from now on. Where its stars or ids are of another kind, nothing on the page is of use to it.
let isAsking = false; // while a model takes another's place, either may answer
addEventListener("model", async () => {
  if (isAsking) return;
  isAsking = true;
  const [model, [film]] = await Promise.all([ask("model"), ask("movies/starter?n=1")]).catch(() => [null, []]);
  isAsking = false;
  if (!model) return;
  if (scale && scale !== String(Object.values(model.rating_scale))) location.reload();
  else if (film && idHere(film.movieId) !== film.movieId) location.reload();
  else describe(model);
});

/** Says something for a while; with a way back, where `undo` is one, which gives false where it led nowhere. */
export function tell(text, undo) {
  const back = async () => (await undo()) === false || tell(T.undone);
  put(byId("toast"), h("div", {}, h("p", {}, text), undo && h("button", { type: "button", class: "quiet", onclick: back }, T.undo)));
}

// Everything around an open dialog is inert, so messages are shown in it meanwhile.
const messages = document.querySelector(".messages");
function follow() {
  const home = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (messages.parentElement !== home) home.append(messages);
}
if (messages) new MutationObserver(follow).observe(document.body, { subtree: true, attributeFilter: ["open"] });

const LATER = 3000; // milliseconds until a server that is away is asked again
const WITH_DETAIL = ["missing", "failed"]; // refusals whose own words help a visitor
const failed = new Set(); // tasks to be done again
let timer = 0;

const notice = (kind, text, label, press) =>
  put(byId("notices"), h("div", { class: `notice ${kind}`, role: "alert" }, h("p", {}, text), h("button", { type: "button", class: "button", onclick: press }, label)));

/** Removes the notice of a failure, once no task but `done` has failed. */
export function allIsWell(done) {
  failed.delete(done);
  if (failed.size) return;
  clearTimeout(timer);
  if (!document.querySelector(".notice.note")) put(byId("notices"));
}

/** Shows a notice that is not a failure. */
export const note = (text) => notice("note", text, T.dismiss, () => put(byId("notices")));

/** Does everything again that failed; what fails again shows its own notice. */
async function tryAgain() {
  clearTimeout(timer);
  const tasks = [...failed];
  failed.clear();
  await Promise.all(tasks.map((task) => task()));
  allIsWell();
}

/** Shows a refusal, and calls `again`, which returns a promise, by itself where that may help. Other errors are thrown on. */
export function refused(refusal, again) {
  if (refusal.name === "AbortError") return;
  if (!refusal.kind) throw refusal;
  const waits = ["gone", "busy", "not-ready"].includes(refusal.kind);
  failed.add(again);
  clearTimeout(timer);
  if (waits) timer = setTimeout(tryAgain, LATER);
  const says = T.language === "en" && WITH_DETAIL.includes(refusal.kind) && refusal.message; // the server's words are English
  const detail = waits ? T.tryingAgain : says;
  notice(refusal.kind, [h("b", {}, T.problems[refusal.kind]), " ", detail], T.tryAgain, tryAgain);
}

/**
 * Makes a function of a task, of which only the newest call counts: an earlier one is aborted by its signal, which the
 * task passes on to what it waits for. A refusal is shown, and the task can be done again.
 */
export function latest(task) {
  let running = new AbortController();
  let given = [];
  const again = () => run(...given);
  async function run(...args) {
    running.abort();
    const { signal } = (running = new AbortController());
    given = args;
    try {
      await task(signal, ...args);
      if (!signal.aborted) allIsWell(again);
    } catch (refusal) {
      if (!signal.aborted) refused(refusal, again);
    }
  }
  return run;
}
