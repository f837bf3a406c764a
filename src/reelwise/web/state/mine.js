// What is mine: stars, seen, liked, watchlist, not for me. It is kept on this device (IndexedDB), and saved to a file; no server
// keeps it, unless a site vouches for who one is. Stars are out of five here, whatever the scale of the model.

import { ask, known } from "../base/api.js";
import { dismissVisitor, visitor } from "../base/visitor.js";
import { fromFive, toFive } from "../films/stars.js";

const KINDS = ["stars", "seen", "liked", "watchlist", "disliked"];
const FACTS = ["movieId", "title", "year", "genres", "imdbId", "tmdbId"];
const FORMAT = 1;
const AT_ONCE = 500; // films in one request to a site

const nothing = { stars: null, seen: false, liked: false, watchlist: false, disliked: false };
const says = (record) => KINDS.some((kind) => record[kind]);

/** What follows from one thing said of a film: what was rated was seen, and leaves the watchlist. */
function following(patch) {
  if (patch.stars || patch.liked) return { seen: true, watchlist: false, disliked: false, ...patch };
  if (patch.disliked) return { watchlist: false, liked: false, ...patch };
  if (patch.seen) return { watchlist: false, ...patch };
  return patch;
}

const isText = (value) => typeof value === "string" && value.length <= 1000;
const isId = (value) => (isText(value) && value !== "") || Number.isSafeInteger(value);
const isNumber = (value) => value === null || value === undefined || Number.isFinite(value);

/** Whether a value that was read is a sound record of a film. */
const isSound = (record) =>
  isId(record?.movieId) && isText(record.title) && [record.year, record.imdbId, record.tmdbId, record.at].every(isNumber) &&
  Array.isArray(record.genres) && record.genres.every(isText) && (record.stars === null || (record.stars >= 0 && record.stars <= 5)) &&
  KINDS.slice(1).every((kind) => typeof record[kind] === "boolean");

const done = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error), onblocked: () => reject(request.error) }));

/** Tells of changes by the event `change`, by `unkept` of a device or a site that did not take one, and by `sending` of many that a
 * site has yet to take. */
class Mine extends EventTarget {
  /** The user whose films the site keeps; null where the device keeps them. */
  user = null;
  /** When the page was opened; what is older is of an earlier visit. */
  since = Date.now();
  #films = new Map(); // by id, as a text
  /** The number of films that the site has yet to take. */
  untold = 0;
  #taken = Promise.resolve(true);
  #database = null;
  #scale = null; // of the site's stars
  #others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("reelwise");

  /** Reads what the site has of its user. Gives the refusal, if any; then the device's own films count. */
  async #openSite() {
    try {
      const [{ rating_scale: scale }, { user_id: user, films }] = await Promise.all([ask("model"), ask("me/films")]);
      this.#scale = scale;
      this.#films = new Map(films.map((film) => [String(film.movieId), { ...film, stars: film.stars === null ? null : toFive(film.stars, scale) }]));
      this.user = user;
      return null;
    } catch (refusal) {
      dismissVisitor();
      return refusal;
    }
  }

  /** Reads what is kept; where the device keeps nothing, films last as long as the page. Gives a site's refusal, if any. */
  async open() {
    const refusal = visitor() ? await this.#openSite() : null;
    if (this.user !== null) return null;
    await this.#openDevice();
    return refusal;
  }

  async #openDevice() {
    try {
      const asked = indexedDB.open("reelwise", FORMAT);
      asked.onupgradeneeded = () => asked.result.createObjectStore("films", { keyPath: "movieId" });
      this.#database = await done(asked);
      await this.#read();
      this.#others?.addEventListener("message", async () => (await this.#read(), this.#tell()));
    } catch {
      this.#database = null;
    }
  }

  get isKept() {
    return this.#database !== null || this.user !== null;
  }

  /** A promise of whether the site took everything so far; always true of a device. */
  get taken() {
    return this.#taken;
  }

  /** Everything, the newest first. */
  get all() {
    return [...this.#films.values()].sort((one, other) => other.at - one.at);
  }

  with(kind) {
    return this.all.filter((record) => record[kind]);
  }

  of(movieId) {
    return this.#films.get(String(movieId)) ?? nothing;
  }

  /** Notes something of a film. Gives the way back. */
  note(film, patch) {
    return this.#put([this.#noted(film, patch)]);
  }

  /** Adds many films that were brought. Gives the way back. */
  bring(records) {
    return this.#put(records.map((record) => this.#noted(record, Object.fromEntries(KINDS.filter((kind) => record[kind]).map((kind) => [kind, record[kind]])), record.at)));
  }

  /** Forgets everything. Gives the way back. */
  forget() {
    return this.#put(this.all.map((record) => ({ ...record, ...nothing })));
  }

  get file() {
    return JSON.stringify({ reelwise: FORMAT, films: this.all }, null, 1);
  }

  #noted(film, patch, at = Date.now()) {
    const before = this.of(film.movieId);
    const isAgain = Object.keys(patch).some((kind) => before[kind]); // what changes keeps its place
    const facts = Object.fromEntries(FACTS.map((name) => [name, film[name] ?? known(film.movieId)?.[name] ?? before[name] ?? null]));
    const kinds = Object.fromEntries(KINDS.map((kind) => [kind, before[kind]]));
    return { ...facts, genres: facts.genres ?? [], ...kinds, ...following(patch), at: isAgain ? before.at : at };
  }

  #put(records) {
    const before = records.map(({ movieId }) => this.#films.get(String(movieId)) ?? { movieId, ...nothing });
    for (const record of records) {
      if (says(record)) this.#films.set(String(record.movieId), record);
      else this.#films.delete(String(record.movieId));
    }
    if (this.user === null) this.#save(records);
    else {
      this.untold += records.length;
      this.#taken = this.#taken.then(() => this.#send(records)); // one change after the other
    }
    this.#tell();
    return () => this.#put(before);
  }

  async #save(records) {
    if (!this.#database) return;
    navigator.storage?.persist?.(); // so that a full disk does not cost them
    try {
      const change = this.#database.transaction("films", "readwrite");
      const films = change.objectStore("films");
      for (const record of records) says(record) ? films.put(record) : films.delete(record.movieId);
      await new Promise((resolve, reject) => Object.assign(change, { oncomplete: resolve, onabort: () => reject(change.error) }));
      this.#others?.postMessage("");
    } catch {
      this.dispatchEvent(new Event("unkept"));
    }
  }

  async #send(records) {
    const told = records.map(({ movieId, stars, seen, liked, disliked, watchlist }) => ({ movieId, stars: stars && fromFive(stars, this.#scale), seen, liked, disliked: disliked && !liked, watchlist }));
    try {
      while (told.length) {
        if (records.length > AT_ONCE) this.dispatchEvent(new Event("sending"));
        await ask("me/films", { body: { films: told.slice(0, AT_ONCE) } });
        this.untold -= told.splice(0, AT_ONCE).length;
      }
    } catch {
      this.untold -= told.length;
      this.dispatchEvent(new Event("unkept"));
    }
    return !told.length;
  }

  async #read() {
    const records = await done(this.#database.transaction("films").objectStore("films").getAll());
    this.#films = new Map(records.filter(isSound).map((record) => [String(record.movieId), record]));
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

export const mine = new Mine();

/** The films of a file that was saved here; null for any other file. Throws RangeError, with the number of the film, where it is damaged. */
export function readFile(text) {
  let said = null;
  try {
    said = JSON.parse(text);
  } catch {
    if (/^\s*\{\s*"reelwise"/.test(text)) throw new RangeError("0");
  }
  if (!said?.reelwise) return null;
  if (said.reelwise !== FORMAT || !Array.isArray(said.films)) throw new RangeError("0");
  const broken = said.films.findIndex((record) => !isSound(record));
  if (broken >= 0) throw new RangeError(String(broken + 1));
  return said.films;
}
