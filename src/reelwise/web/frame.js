// What both pages have around them: words, theme, foot, the dialog for a key, notices.

import { onKeyNeeded } from "./api.js";
import { byId, h, put, speak } from "./dom.js";
import { LANGUAGE, T, date, fill, number } from "./texts.js";

const root = document.documentElement;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

export const isDark = () => (root.dataset.theme || (prefersDark.matches ? "dark" : "light")) === "dark";

function themeButton() {
  const made = byId("theme");
  const name = () => {
    made.title = isDark() ? T.toLight : T.toDark;
    made.setAttribute("aria-label", made.title);
  };
  made.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
    localStorage.setItem("theme", root.dataset.theme); // where that is forbidden, the choice lasts as long as the page
  });
  prefersDark.addEventListener("change", name);
  name();
}

/** Asks for the key of the server; gives it, or null. */
function keyDialog() {
  const [dialog, input] = [byId("key-dialog"), byId("key")];
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "use" ? input.value.trim() : null), { once: true }));
}

/** Gives the page its words and its title. */
export function frame(title) {
  document.title = title;
  root.lang = LANGUAGE;
  speak();
  themeButton();
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("key-dialog").close("use");
  });
  byId("key-cancel").addEventListener("click", () => byId("key-dialog").close(""));
  onKeyNeeded(keyDialog);
}

/** Says which model answers. */
export function describe(model) {
  const facts = { dataset: model.dataset, ratings: number(model.counts.ratings), users: number(model.counts.users), date: date(model.trained_at) };
  byId("banner").hidden = !model.simulated;
  byId("foot-data").textContent = fill(T.footerData, facts);
  byId("foot-licence").textContent = model.simulated ? T.footerSample : T.footerLicence;
  byId("foot-cite").hidden = model.simulated;
  byId("foot-tmdb").hidden = !model.posters;
}

const HEADS = { gone: T.gone, "not-ready": T.notReady, key: T.keyNeeded };
const LATER = 3000; // milliseconds until a server that is away is asked again
let timer = 0;

const notice = (kind, text, label, press) =>
  put(byId("notices"), h("div", { class: `notice ${kind}`, role: "alert" }, h("p", {}, text), h("button", { type: "button", class: "button", onclick: press }, label)));

/** Takes away what was said of a failure. */
export function allIsWell() {
  clearTimeout(timer);
  if (!document.querySelector(".notice.note")) put(byId("notices"));
}

/** Tells something that is no failure. */
export const note = (text) => notice("note", text, T.dismiss, () => put(byId("notices")));

/** Tells of a refusal, and does `again` by itself where that may help. Any other error goes on its way. */
export function refused(refusal, again) {
  if (refusal.name === "AbortError") return;
  if (!refusal.kind) throw refusal;
  const waits = ["gone", "not-ready"].includes(refusal.kind);
  clearTimeout(timer);
  if (waits) timer = setTimeout(again, LATER);
  notice(refusal.kind, [h("b", {}, HEADS[refusal.kind] ?? T.failed), ` ${refusal.message} `, waits && T.tryingAgain], T.tryAgain, again);
}
