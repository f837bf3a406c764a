// The state that one shares, as one frozen object that lives in the address: picks, filters, the part of the page, the film shown.

import { ROOT, filmAddress, known } from "../base/api.js";
import { within } from "../base/dom.js";

export const MOST_PICKS = 20;
const VIEWS = ["pick", "tonight", "together", "mine"]; // in the address behind "#"

const spelt = (value) => encodeURIComponent(String(value).replace(/[%,]/g, encodeURIComponent)); // commas stand between
const list = (text) => text.split(",").filter(Boolean).slice(0, 900).map((part) => part.replace(/%2[5C]/gi, decodeURIComponent));
export const guess = (text) => known(text)?.movieId ?? (/^[1-9]\d{0,9}$/.test(text) ? Number(text) : text); // as the server has it
const ids = (text) => [...new Set(list(text).map(guess))];
const share = (text) => within(0, 1, Number(text) || 0);
const dial = (text) => (text && Number(text) >= 0 ? share(text) : null);
const whole = (text) => within(0, 2 ** 31 - 1, Math.trunc(text) || 0);
const year = (text) => (/^(1[89]|2[01])\d\d$/.test(text) ? Number(text) : null);
const order = (text) => (text === "stars" ? text : "taste");

// name in the state: [name in the address, how it is read there, what holds when it is not there]
export const FIELDS = {
  picks: ["m", ids, []],
  // Filters have the server's names.
  balance: ["balance", dial, null], // the server's default
  diversity: ["variety", share, 0],
  year_min: ["from", year, null],
  year_max: ["to", year, null],
  genres: ["genres", list, []],
  without_genres: ["without", list, []],
  min_ratings: ["ratings", whole, 0],
  rank_by: ["by", order, "taste"],
};
const STEERING = Object.keys(FIELDS).slice(1);
const DEFAULTS = Object.fromEntries(Object.entries(FIELDS).map(([name, [, , initial]]) => [name, initial]));
const isDefault = (state, name) => String(state[name]) === String(DEFAULTS[name]);

/** What a query, or a form with its names, says. */
export function read(query) {
  const said = ([key, kind, initial]) => (query.has(key) ? kind(query.get(key)) : initial);
  const state = Object.fromEntries(Object.entries(FIELDS).map(([name, field]) => [name, said(field)]));
  const { year_min: from, year_max: to } = state;
  if (from && to && from > to) Object.assign(state, { year_min: to, year_max: from }); // the years between are meant
  return { ...state, picks: state.picks.slice(0, MOST_PICKS) };
}

/** The id of the film whose page this address is, as the server has it; null for another page. */
function filmIn(path) {
  const [, spelling] = path.slice(new URL(ROOT).pathname.length).match(/^film\/([^/]+)$/) ?? [];
  try {
    return spelling ? guess(decodeURIComponent(spelling)) : null;
  } catch {
    return null;
  }
}

const HERE = filmIn(location.pathname) === null ? location.pathname : new URL(ROOT).pathname; // behind a film's page is the main one

/** The query of a state's address, with its "?"; "" where everything is at its default. */
export function queryOf(state) {
  const said = Object.entries(FIELDS).filter(([name]) => !isDefault(state, name));
  const query = said.map(([name, [key]]) => `${key}=${[state[name]].flat().map(spelt)}`).join("&");
  return query && `?${query}`;
}

const addressOf = (state) => `${state.film === null ? HERE : filmAddress(state.film)}${queryOf(state)}${state.view && `#${state.view}`}`;

/** Holds the state, keeps the address in step, and tells of changes by the event `change`. */
export class Store extends EventTarget {
  state = Object.freeze({ view: "" });
  /** The people of a link, as the address has them behind the part of the page; who reads it clears it. */
  carried = "";

  constructor() {
    super();
    this.#take();
    addEventListener("popstate", () => this.#read());
  }

  /** Takes over what `patch` says. With `quiet` the back button does not stop there. */
  change(patch, quiet = false) {
    const next = addressOf({ ...this.state, ...patch });
    history[quiet || next === addressOf(this.state) ? "replaceState" : "pushState"](null, "", next);
    this.#read();
  }

  isPicked({ movieId }) {
    return this.state.picks.includes(movieId);
  }

  reset() {
    this.change(Object.fromEntries(STEERING.map((name) => [name, DEFAULTS[name]])));
  }

  /** The names of the filters that are not at their defaults. */
  get steered() {
    return STEERING.filter((name) => !isDefault(this.state, name));
  }

  /** The address that brings back the picks and filters, and nothing else. */
  get link() {
    return addressOf({ ...this.state, film: null, view: "" });
  }

  #read() {
    this.#take();
    this.dispatchEvent(new Event("change"));
  }

  #take() {
    const [said, carried] = location.hash.slice(1).split("?");
    this.carried ||= carried ?? "";
    const view = VIEWS.includes(said) ? said : said && this.state.view; // "#films" leads to a place on the page
    this.state = Object.freeze({ ...read(new URLSearchParams(location.search)), film: filmIn(location.pathname), view });
  }
}
