// The search box: a combobox with suggestions, after the ARIA authoring practices. Nothing is chosen unasked.

import { ask, remember } from "../base/api.js";
import { h, paint, put } from "../base/dom.js";
import { latest } from "../base/frame.js";
import { T, fill, plural } from "../base/texts.js";
import { inBrief } from "../films/poster.js";
import { factsOf, label, otherNames } from "../films/titles.js";

const PAUSE = 70; // milliseconds without a key before asking
const SHOWN = 8;

const wordsOf = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** Whether a film's title holds all words of a query, of which the last may go on. */
const holds = (query) => (film) => {
  const inTitle = wordsOf(film.title);
  return wordsOf(query).every((word) => inTitle.some((one) => one.startsWith(word)));
};

/** Wraps a box, a list and a status. Its owner sets what is picked (`store`), what picking does (`act`), and the year of the `newest` film. */
class FilmSearch extends HTMLElement {
  #wait = 0;
  #answered = ""; // the query that the list answers
  #isEntered = false; // Enter waits for the answer to what is typed
  #input = this.querySelector("input");
  #list = this.querySelector("ul");
  #status = this.querySelector("[role=status]");

  connectedCallback() {
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("blur", () => this.#open(false));
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
  }

  get #query() {
    return this.#input.value.trim();
  }

  #typed() {
    clearTimeout(this.#wait);
    this.#isEntered = false;
    this.#mark(null);
    if (this.#query) this.#wait = setTimeout(this.#search, PAUSE);
    else this.#search();
  }

  #search = latest(async (signal) => {
    const query = this.#query;
    if (!query) return this.#show([], "");
    const found = remember(await ask(`movies?limit=${SHOWN}&q=${encodeURIComponent(query)}`, { signal }));
    if (query !== this.#query) return; // more was typed
    const ends = this.newest && !found.some(holds(query)) ? fill(T.filmsEnd, { year: this.newest }) : "";
    this.#show(found, found.length ? `${plural(T.found, found.length)} ${ends}` : fill(this.newest ? T.foundNothing : T.foundNothingHere, { query, year: this.newest }));
    this.#list.dataset.ends = ends;
  });

  #show(films, status) {
    this.#status.textContent = status;
    this.#status.classList.toggle("for-ears", films.length > 0);
    put(this.#list, films.map((film, i) => this.#option(film, i, films)));
    this.#open(films.length > 0);
    this.#answered = this.#query;
    if (this.#isEntered) this.#enter();
  }

  /** Chooses an option, or the best match for what is typed, as soon as that is known. */
  #enter(option) {
    this.#isEntered = !option && this.#answered !== this.#query;
    if (!this.#isEntered) (option ?? this.#list.firstElementChild)?.click();
  }

  #option(film, i, films) {
    const picked = this.store.isPicked(film);
    const isTwin = films.some((one) => one !== film && label(one) === label(film));
    const facts = factsOf(film, isTwin && plural(T.ratings, film.ratings), picked && T.alreadyPicked);
    const also = otherNames(film.title).join(" · ");
    const choose = () => {
      if (picked) return;
      this.#clear();
      this.act.add(film);
    };
    const option = h("li", { id: `${this.#list.id}-${i}`, role: "option", "aria-disabled": picked && "true", onclick: choose, onpointermove: () => this.#mark(option) },
      inBrief(film, ...[also, facts].filter(Boolean)));
    return option;
  }

  #open(open) {
    this.#mark(null);
    this.#list.hidden = !open;
    if (open) paint(this.#list, { room: `${innerHeight - this.#input.getBoundingClientRect().bottom}px` });
    this.#input.ariaExpanded = open;
  }

  #mark(option) {
    for (const one of this.#list.children) one.ariaSelected = one === option;
    this.#input.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    const options = [...this.#list.children];
    const active = options.findIndex((option) => option.ariaSelected === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) {
      if (this.#list.hidden) this.#open(true);
      this.#mark(options.at((Math.max(active, step > 0 ? -1 : 0) + step) % options.length));
    } else if (event.key === "Enter") this.#enter(options[active]);
    else if (event.key === "Escape" && !this.#list.hidden) this.#open(false);
    else if (event.key === "Escape") this.#clear();
    else return;
    event.preventDefault();
  }

  #clear() {
    this.#input.value = "";
    this.#typed();
  }
}
customElements.define("film-search", FilmSearch);
