// What somebody picked and how they steer, as one frozen object that lives in the address of the page.

import { known } from "./api.js";
import { within } from "./dom.js";

export const MOST_PICKS = 20;

const spelt = (value) => encodeURIComponent(String(value).replace(/[%,]/g, encodeURIComponent)); // commas stand between
const list = (text) => text.split(",").filter(Boolean).slice(0, 900).map((part) => part.replace(/%2[5C]/gi, decodeURIComponent));
const guess = (text) => (/^[1-9]\d{0,9}$/.test(text) ? Number(text) : text);
const ids = (text) => [...new Set(list(text).map((part) => known(part)?.movieId ?? guess(part)))]; // as the server has them
const id = (text) => ids(text)[0] ?? null;
const share = (text) => within(0, 1, Number(text) || 0);
const whole = (text) => within(0, 2 ** 31 - 1, Math.trunc(text) || 0);
const year = (text) => (/^(1[89]|2[01])\d\d$/.test(text) ? Number(text) : null);
const order = (text) => (text === "stars" ? text : "taste");

// name in the state: [name in the address, how it is read there, what holds when it is not there]
export const FIELDS = {
  picks: ["m", ids, []],
  disliked: ["not", ids, []],
  seen: ["seen", ids, []],
  like: ["like", id, null],
  // What steers has the names that it has for the server.
  balance: ["balance", share, null], // the server knows what is usual
  diversity: ["variety", share, 0],
  year_min: ["from", year, null],
  year_max: ["to", year, null],
  genres: ["genres", list, []],
  without_genres: ["without", list, []],
  min_ratings: ["ratings", whole, 0],
  rank_by: ["by", order, "taste"],
};
const DEFAULTS = Object.fromEntries(Object.entries(FIELDS).map(([name, [, , initial]]) => [name, initial]));
const STEERING = Object.keys(FIELDS).slice(4);
const isDefault = (state, name) => String(state[name]) === String(DEFAULTS[name]);

/** The state that an address carries. */
export function read(search) {
  const query = new URLSearchParams(search);
  const state = Object.fromEntries(Object.entries(FIELDS).map(([name, [key, kind, initial]]) => [name, query.has(key) ? kind(query.get(key)) : initial]));
  return Object.freeze({ ...state, picks: state.picks.slice(0, MOST_PICKS), disliked: state.disliked.slice(-MOST_PICKS) });
}

/** The query of the address for a state. */
function write(state) {
  const said = Object.entries(FIELDS).filter(([name]) => !isDefault(state, name));
  return said.map(([name, [key]]) => `${key}=${[state[name]].flat().map(spelt)}`).join("&");
}

/** Holds the state, keeps the address in step, and tells of changes by the event `change`. */
export class Store extends EventTarget {
  state = read(location.search);
  earlier = []; // states that can be brought back

  constructor() {
    super();
    addEventListener("popstate", () => this.#read());
  }

  /** Takes over what `patch` says. With `quiet` the step is too small for the back button. */
  change(patch, quiet = false, undoable = !quiet) {
    const query = write({ ...this.state, ...patch });
    if (query === write(this.state)) quiet = true;
    else if (undoable) this.earlier.push(this.state);
    history[quiet ? "replaceState" : "pushState"](null, "", query ? `?${query}` : location.pathname);
    this.#read();
  }

  isPicked({ movieId }) {
    return this.state.picks.includes(movieId);
  }

  undo() {
    this.change(this.earlier.pop() ?? {}, false, false);
  }

  reset() {
    this.change(Object.fromEntries(STEERING.map((name) => [name, DEFAULTS[name]])));
  }

  get steered() {
    return STEERING.some((name) => !isDefault(this.state, name));
  }

  #read() {
    this.state = read(location.search);
    this.dispatchEvent(new Event("change"));
  }
}
