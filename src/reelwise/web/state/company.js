// The people who choose together: names with films. Kept on this device as the text that a link carries behind "#", where no server sees it:
// `Anna=1214,6:4.5&Ben=541`, films with stars out of five where there are any.

import { within } from "../base/dom.js";
import { kept } from "../base/kept.js";
import { guess } from "./state.js";

export const MOST = 8; // people, as many as the server takes
export const LONGEST_NAME = 40;
const MOST_FILMS = 100; // of one person

const spelt = ({ movieId, stars }) => encodeURIComponent(movieId) + (stars === null ? "" : `:${stars}`);
const read = (text) => {
  const [id, stars] = text.split(":");
  return { movieId: guess(decodeURIComponent(id)), stars: Number(stars) ? within(0.5, 5, Math.round(2 * stars) / 2) : null };
};

/** People as a text that can stand in an address. */
export const carry = (people) => people.map(({ name, films }) => `${encodeURIComponent(name)}=${films.slice(0, MOST_FILMS).map(spelt)}`).join("&");

/** The people in such a text, without those that make no sense. */
export function carried(text) {
  const person = (part) => {
    try {
      const [name, films = ""] = part.split("=");
      return [{ name: decodeURIComponent(name).trim().slice(0, LONGEST_NAME), films: films.split(",").filter(Boolean).slice(0, MOST_FILMS).map(read) }];
    } catch {
      return [];
    }
  };
  return text.split("&").flatMap(person).filter(({ name, films }) => name && films.length);
}

/** Tells of changes, here and in other tabs, by the event `change`. */
class Company extends EventTarget {
  others = [];
  #name = "";

  constructor() {
    super();
    this.#read();
    addEventListener("storage", () => this.#read());
  }

  /** The visitor's own name; "" before it is entered. */
  get name() {
    return this.#name;
  }

  /** Somebody with one's own name is oneself, and none of the others. */
  set name(said) {
    this.#name = said.trim().slice(0, LONGEST_NAME);
    kept("name", this.#name);
    this.leave(this.#name);
  }

  /** Adds people, as long as there is room; each replaces the one of that name. Gives the way back. */
  join(people, room = MOST - 1) {
    const others = new Map([...this.others, ...people].map((one) => [one.name, one]));
    return this.#put([...others.values()].slice(0, Math.max(room, this.others.length)));
  }

  /** Removes a person. Gives the way back. */
  leave(name) {
    return this.#put(this.others.filter((one) => one.name !== name));
  }

  /** Forgets all people, and the name. Gives the way back. */
  forget() {
    const [name, undo] = [this.#name, this.#put([])];
    this.name = "";
    return () => ((this.name = name), undo());
  }

  #read() {
    this.others = carried(kept("together"));
    this.#name = kept("name");
    this.dispatchEvent(new Event("change"));
  }

  #put(others) {
    const before = this.others;
    this.others = others;
    kept("together", carry(others));
    this.dispatchEvent(new Event("change"));
    return () => this.#put(before);
  }
}

export const company = new Company();
