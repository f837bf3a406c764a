// Asking the server. Every failure is one `Refusal`, so that whoever asks has one thing to show.

const ROOT = new URL("../api/v1/", document.baseURI);

/** The key of the server, in this tab only. Where the browser forbids that, it lasts as long as the page. */
let key = null;
try {
  key = sessionStorage.getItem("key");
} catch {}

function keep(given) {
  key = given;
  try {
    sessionStorage[given ? "setItem" : "removeItem"]("key", given);
  } catch {}
}

/** Why there is no answer: `kind` is "gone", "not-ready", "key", "missing" or "failed". */
export class Refusal extends Error {
  constructor(kind, detail = "") {
    super(detail);
    this.kind = kind;
  }
}

let askForKey = async () => null;
/** Says who asks the user for a key; gets nothing, gives the key or null. */
export const onKeyNeeded = (ask) => {
  askForKey = ask;
};

const KINDS = { 401: "key", 404: "missing", 503: "not-ready" };
let asking = null; // one dialog for all requests that wait for a key

/** The answer to GET, or to POST if there is a body. `path` is relative to `/api/v1/`. */
export async function ask(path, { body, signal } = {}) {
  const used = key;
  const headers = { Accept: "application/json", ...(body && { "Content-Type": "application/json" }), ...(used && { Authorization: `Bearer ${used}` }) };
  let response;
  try {
    response = await fetch(new URL(path, ROOT), { method: body ? "POST" : "GET", headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Refusal("gone");
  }
  if (response.ok) return response.json();
  if (response.status === 401) {
    if (used === key) keep(await (asking ??= askForKey().finally(() => (asking = null))));
    if (key && key !== used) return ask(path, { body, signal });
  }
  const problem = await response.json().catch(() => ({}));
  throw new Refusal(KINDS[response.status] ?? "failed", problem.detail);
}

/** The same, but null where the server does not have such a thing. */
export const askIfThere = (path) => ask(path).catch((refusal) => (refusal.kind === "missing" || refusal.kind === "failed" ? null : Promise.reject(refusal)));

export const posterAddress = (movieId) => new URL(`movies/${movieId}/poster`, ROOT).href;

const films = new Map();

/** Keeps the facts of films that came along with an answer. */
export function remember(list) {
  list.forEach((film) => films.set(film.movieId, film));
  return list;
}

export const known = (movieId) => films.get(movieId);

/** Fetches the facts of films that are not known yet; gives the ids that the server does not know. */
export async function learn(movieIds) {
  const missing = [];
  const fetchOne = async (movieId) => {
    const film = await ask(`movies/${movieId}`).catch((refusal) => (refusal.kind === "missing" ? null : Promise.reject(refusal)));
    if (film) films.set(movieId, film);
    else missing.push(movieId);
  };
  await Promise.all(movieIds.filter((movieId) => !films.has(movieId)).map(fetchOne));
  return missing;
}
