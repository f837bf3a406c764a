// Asking the server. Every failure is a refusal, so that callers have one thing to show.

import { askForKey, key, withKey } from "./key.js";
import { visitor, withVisitor } from "./visitor.js";

/** Where the page is: this file lies in `static/FINGERPRINT/base/` below it, whatever the address of the document. */
export const ROOT = new URL("../../../", import.meta.url).href;
const API = new URL("../api/v1/", ROOT);

const PATIENCE = 2; // seconds that are waited at most where the server asks for it
const TRIES = 5;

/** Why there is no answer: `kind` is "gone", "busy", "not-ready", "key", "visitor", "missing" or "failed". */
const refusal = (kind, detail = "") => Object.assign(new Error(detail), { kind });

const KINDS = { 401: "key", 403: "visitor", 404: "missing", 413: "missing", 422: "missing", 503: "busy" };

/** Why nothing came: it is no longer wanted, the server is away, or something other than the server answered. */
const lost = (error) => {
  throw error.name === "AbortError" ? error : refusal("gone");
};

const isReady = () => fetch(new URL("../health/ready", ROOT)).then((answer) => answer.ok, () => false);

let revision = null; // of the model that answered last

/** Tells by the event `model` that another model answers from now on. */
function notice(answered) {
  if (revision && answered && answered !== revision) dispatchEvent(new Event("model"));
  revision = answered ?? revision;
}

/**
 * The answer to GET, or to POST if there is a body: a file as it is, anything else as JSON. `path` is relative to `/api/v1/`.
 * A server that is full for a moment is asked again after it.
 */
export async function ask(path, { body, signal, tries = TRIES } = {}) {
  const used = key();
  const isFile = body instanceof Blob;
  const type = body && { "Content-Type": isFile ? "application/octet-stream" : "application/json" };
  const request = { method: body ? "POST" : "GET", headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang, ...type, ...withKey(), ...withVisitor() }, signal, body: isFile ? body : body && JSON.stringify(body) };
  const response = await fetch(new URL(path, API), request).catch(lost);
  notice(response.headers.get("X-Model-Revision"));
  if (response.ok) {
    const answer = response.status === 204 ? null : await response.json().catch(lost);
    signal?.throwIfAborted(); // just now
    return answer;
  }
  if (response.status === 401 && visitor()) throw refusal("visitor");
  if (response.status === 401) {
    if (used === key()) await askForKey();
    if (key() && key() !== used) return ask(path, { body, signal });
  }
  const isFull = response.status === 503 && Number(response.headers.get("Retry-After") ?? Infinity) <= PATIENCE;
  if (isFull && tries > 1) {
    await new Promise((done) => setTimeout(done, 1000 * response.headers.get("Retry-After")));
    signal?.throwIfAborted();
    return ask(path, { body, signal, tries: tries - 1 });
  }
  const problem = await response.json().catch(() => ({}));
  const kind = KINDS[response.status] ?? "failed";
  throw refusal(kind === "busy" && !isFull && !(await isReady()) ? "not-ready" : kind, problem.detail);
}

export const filmPath = (movieId) => `movies/${encodeURIComponent(movieId)}`;

/** The address of a film's own page. */
export const filmAddress = (movieId) => `${ROOT}film/${encodeURIComponent(movieId)}`;

/** Where the poster of a film is. A picture cannot send a key, so with a key it is fetched here; null where there is none. */
export async function posterAddress(movieId) {
  const address = new URL(`${filmPath(movieId)}/poster`, API).href;
  if (!key() && !visitor()) return address;
  const answer = await fetch(address, { headers: { ...withKey(), ...withVisitor() } });
  return answer.ok ? URL.createObjectURL(await answer.blob()) : null;
}

const films = new Map();
const LARGEST_ID = 2 ** 31 - 1; // of those that are numbers
let hasTexts = false; // for ids

/** Learns from one id of this server's which kind they are. */
export const learnKind = (movieId) => (hasTexts = typeof movieId === "string");

/** Keeps the facts of an answer's films. */
export function remember(list) {
  for (const film of list) films.set(String(film.movieId), film);
  if (list.length) learnKind(list[0].movieId);
  return list;
}

export const known = (movieId) => films.get(String(movieId));

/** The id as this server has it, a whole number or a text; null where it cannot be one of its ids. */
export function idHere(movieId) {
  if (hasTexts) return String(movieId);
  return /^[1-9]\d*$/.test(movieId) && Number(movieId) <= LARGEST_ID ? Number(movieId) : null;
}

/** Fetches the facts of films that are not known yet; gives the ids that the server does not know. */
export async function learn(movieIds, signal) {
  const missing = [];
  const fetchOne = async (movieId) => {
    try {
      remember([await ask(filmPath(movieId), { signal })]);
    } catch (error) {
      if (error.kind !== "missing") throw error;
      missing.push(movieId);
    }
  };
  await Promise.all(movieIds.filter((movieId) => !known(movieId)).map(fetchOne));
  return missing;
}
