// What somebody picked and how they steer, as one frozen object that lives in the address of the page.

export const MOST_PICKS = 20;

const ids = {
  read: (text) => [...new Set(text.split(",").map(Number).filter((id) => Number.isInteger(id) && id > 0 && id < 2 ** 31))],
  write: (list) => list.join(","),
};
const words = { read: (text) => text.split(",").filter(Boolean).slice(0, 50), write: (list) => list.join(",") };
const share = { read: (text) => Math.min(1, Math.max(0, Number(text) || 0)), write: String };
const whole = { read: (text) => Math.min(2 ** 31 - 1, Math.max(0, Math.trunc(Number(text)) || 0)), write: String };
const year = { read: (text) => (/^(1[89]|2[01])\d\d$/.test(text) ? Number(text) : null), write: String };
const order = { read: (text) => (text === "stars" ? text : "taste"), write: String };
const id = { read: (text) => ids.read(text)[0] ?? null, write: String };

// name in the state: [name in the address, how it is read and written, what holds when it is not there]
const FIELDS = {
  picks: ["m", ids, []],
  disliked: ["not", ids, []],
  seen: ["seen", ids, []],
  like: ["like", id, null],
  novelty: ["novelty", share, 0],
  diversity: ["variety", share, 0],
  yearMin: ["from", year, null],
  yearMax: ["to", year, null],
  genres: ["genres", words, []],
  without: ["without", words, []],
  minRatings: ["ratings", whole, 0],
  rankBy: ["by", order, "taste"],
};
export const STEERING = Object.keys(FIELDS).slice(4);
const DEFAULTS = Object.freeze(Object.fromEntries(Object.entries(FIELDS).map(([name, [, , initial]]) => [name, initial])));

/** The state that an address carries; what cannot be meant is left out. */
export function read(search) {
  const query = new URLSearchParams(search);
  const found = Object.entries(FIELDS).map(([name, [key, kind, initial]]) => [name, query.has(key) ? kind.read(query.get(key)) : initial]);
  const state = Object.fromEntries(found);
  return Object.freeze({ ...state, picks: state.picks.slice(0, MOST_PICKS), disliked: state.disliked.slice(0, MOST_PICKS), seen: state.seen.slice(0, 900) });
}

/** The query of the address for a state; empty for the empty state. */
export function write(state) {
  const parts = Object.entries(FIELDS).map(([name, [key, kind]]) => [key, String(state[name]) === String(DEFAULTS[name]) ? "" : kind.write(state[name])]);
  return parts.filter(([, text]) => text).map(([key, text]) => `${key}=${encodeURIComponent(text).replaceAll("%2C", ",")}`).join("&");
}

/** Holds the state, keeps the address in step, and tells of every change by the event `change`. */
export class Store extends EventTarget {
  state = read(location.search);
  #earlier = [];

  constructor() {
    super();
    addEventListener("popstate", () => this.#become(read(location.search)));
  }

  /** Takes over what `patch` says. With `quiet` the step is too small for the back button. */
  change(patch, quiet = false, undoable = !quiet) {
    if (undoable) this.#earlier.push(this.state);
    const next = Object.freeze({ ...this.state, ...patch });
    const query = write(next);
    history[quiet ? "replaceState" : "pushState"](null, "", query ? `?${query}` : location.pathname);
    this.#become(next);
  }

  get canUndo() {
    return this.#earlier.length > 0;
  }

  undo() {
    this.change(this.#earlier.pop() ?? {}, false, false);
  }

  reset() {
    this.change(Object.fromEntries(STEERING.map((name) => [name, DEFAULTS[name]])));
  }

  get steered() {
    return STEERING.some((name) => String(this.state[name]) !== String(DEFAULTS[name]));
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
