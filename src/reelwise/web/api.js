// Asking the server. Every failure is a refusal, so that whoever asks has one thing to show.

import { askForKey, key, withKey } from "./key.js";

const ROOT = new URL("../api/v1/", document.baseURI);

/** Why there is no answer: `kind` is "gone", "not-ready", "key", "missing" or "failed". */
const refusal = (kind, detail = "") => Object.assign(new Error(detail), { kind });

const KINDS = { 401: "key", 404: "missing", 422: "missing", 503: "not-ready" };

/** The answer to GET, or to POST if there is a body. `path` is relative to `/api/v1/`. */
export async function ask(path, { body, signal } = {}) {
  const used = key();
  const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang, ...(body && { "Content-Type": "application/json" }), ...withKey() };
  const request = { method: body ? "POST" : "GET", headers, signal, body: body && JSON.stringify(body) };
  const response = await fetch(new URL(path, ROOT), request).catch((error) => {
    throw error.name === "AbortError" ? error : refusal("gone");
  });
  if (response.ok) return response.json();
  if (response.status === 401) {
    if (used === key()) await askForKey();
    if (key() && key() !== used) return ask(path, { body, signal });
  }
  const problem = await response.json().catch(() => ({}));
  throw refusal(KINDS[response.status] ?? "failed", problem.detail);
}

export const filmPath = (movieId) => `movies/${encodeURIComponent(movieId)}`;

/** Where the poster of a film is. A picture cannot send a key: with one, it is fetched here, or null. */
export async function posterAddress(movieId) {
  const address = new URL(`${filmPath(movieId)}/poster`, ROOT).href;
  if (!key()) return address;
  const answer = await fetch(address, { headers: withKey() });
  return answer.ok ? URL.createObjectURL(await answer.blob()) : null;
}

const films = new Map();

/** Keeps the facts of films that came with an answer. */
export function remember(list) {
  for (const film of list) films.set(String(film.movieId), film);
  return list;
}

export const known = (movieId) => films.get(String(movieId));

/** Fetches the facts of films that are not known yet; gives the ids that the server does not know. */
export async function learn(movieIds) {
  const missing = [];
  const fetchOne = async (movieId) => {
    try {
      films.set(String(movieId), await ask(filmPath(movieId)));
    } catch (error) {
      if (error.kind !== "missing") throw error;
      missing.push(movieId);
    }
  };
  await Promise.all(movieIds.filter((movieId) => !known(movieId)).map(fetchOne));
  return missing;
}
