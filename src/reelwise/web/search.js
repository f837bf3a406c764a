// The search box: a combobox with a list of suggestions, after the ARIA authoring practices. Nothing is chosen unasked.

import { ask, remember } from "./api.js";
import { h, put } from "./dom.js";
import { poster } from "./poster.js";
import { T, fill, plural } from "./texts.js";
import { spoken, yearOf } from "./titles.js";

const PAUSE = 70; // milliseconds without a key before the server is asked
const SHOWN = 8;

/** Around a box, a list and a status in the markup. Sends `pick` with a film, and `refused` with a refusal. */
class FilmSearch extends HTMLElement {
  #films = [];
  #active = -1;
  #wait = 0;
  #asked = new AbortController();
  #input = this.querySelector("input");
  #list = this.querySelector("ul");
  #status = this.querySelector("[role=status]");

  /** Whether a film is picked already; set by the owner. */
  isPicked = () => false;

  connectedCallback() {
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("blur", () => this.#open(false));
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  }

  #typed() {
    clearTimeout(this.#wait);
    this.#asked.abort();
    if (this.#input.value.trim()) this.#wait = setTimeout(() => this.#search(this.#input.value.trim()), PAUSE);
    else this.#show([], "");
  }

  async #search(query) {
    this.#asked = new AbortController();
    try {
      const found = remember(await ask(`movies?limit=${SHOWN}&q=${encodeURIComponent(query)}`, { signal: this.#asked.signal }));
      this.#show(found, found.length ? plural(T.found, found.length) : fill(T.foundNothing, { query }));
    } catch (refusal) {
      this.dispatchEvent(new CustomEvent("refused", { detail: refusal }));
    }
  }

  #show(films, status) {
    this.#films = films;
    this.#status.textContent = status;
    this.#status.classList.toggle("for-ears", films.length > 0);
    put(this.#list, films.map((film, i) => this.#option(film, i)));
    this.#open(films.length > 0);
  }

  #option(film, i) {
    const picked = this.isPicked(film.movieId);
    const facts = [yearOf(film), ...film.genres.slice(0, 3), picked && T.alreadyPicked].filter(Boolean).join(" · ");
    return h("li", { id: `suggestion-${i}`, role: "option", "aria-selected": "false", "aria-disabled": picked && "true", onclick: () => this.#choose(i), onpointermove: () => this.#mark(i) },
      poster(film), h("span", { class: "suggestion" }, h("b", { dir: "auto" }, spoken(film.title)), h("span", { class: "facts" }, facts)));
  }

  #open(open) {
    this.#mark(-1);
    this.#list.hidden = !open;
    this.#input.setAttribute("aria-expanded", open);
  }

  #mark(i) {
    this.#active = i;
    [...this.#list.children].forEach((option, at) => option.setAttribute("aria-selected", at === i));
    this.#input.setAttribute("aria-activedescendant", i < 0 ? "" : `suggestion-${i}`);
    this.#list.children[i]?.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    const count = this.#films.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count) {
      const next = (Math.max(this.#active, step > 0 ? -1 : 0) + step + count) % count;
      if (this.#list.hidden) this.#open(true);
      this.#mark(next);
    } else if (event.key === "Enter" && count) this.#choose(Math.max(0, this.#active)); // without a choice: the best match
    else if (event.key === "Escape" && !this.#list.hidden) this.#open(false);
    else if (event.key === "Escape") this.#clear();
    else return;
    event.preventDefault();
  }

  #choose(i) {
    const film = this.#films[i];
    if (this.isPicked(film.movieId)) return;
    this.#clear();
    this.dispatchEvent(new CustomEvent("pick", { detail: film }));
  }

  #clear() {
    this.#input.value = "";
    this.#typed();
  }
}
customElements.define("film-search", FilmSearch);
