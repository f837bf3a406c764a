// The page: what a press does, and which list is shown for which state.

import { ask, filmPath, known, learn, posterAddress, remember } from "./api.js";
import { announce, but, byId, h, put } from "./dom.js";
import { allIsWell, describe, note, refused } from "./frame.js";
import { picksPanel, wall } from "./picks.js";
import { usePosters } from "./poster.js";
import { csv, resultsList } from "./results.js";
import "./search.js";
import { MOST_PICKS, Store } from "./state.js";
import { steering } from "./steering.js";
import { T, fill, plural } from "./texts.js";
import { spoken } from "./titles.js";
import { closestViewer } from "./viewer.js";

const HOW_MANY = 10;

const store = new Store();
let model = null;
let shown = []; // the films on the cards
let asked = new AbortController();

const name = (movieId) => spoken(known(movieId)?.title ?? "");

/** Says something for a while, with a way back. */
const tell = (text, undoable = false) =>
  put(byId("toast"), h("p", {}, text), undoable && h("button", { type: "button", class: "quiet", "data-act": "undo" }, T.undo));

const leaveOut = (list, text) => ({ movieId }) => {
  store.change({ [list]: [...store.state[list], movieId] });
  tell(fill(text, { title: name(movieId) }), true);
};

const act = {
  add: (film) => act.addAll([film]),
  turn: (film) => (store.isPicked(film) ? act.remove(film.movieId) : act.add(film)),
  async addAll(films) {
    const ids = films.map((film) => film.movieId);
    try {
      await learn(ids); // all that there is to know of them
    } catch (refusal) {
      return refused(refusal, () => act.addAll(films));
    }
    const { picks, seen, disliked } = store.state;
    const fresh = but(ids, ...picks);
    if (picks.length + fresh.length > MOST_PICKS) return tell(fill(T.tooMany, { most: MOST_PICKS }));
    if (fresh.length) store.change({ picks: [...picks, ...fresh], seen: but(seen, ...fresh), disliked: but(disliked, ...fresh) });
    return announce(fresh.map((movieId) => fill(T.picked, { title: name(movieId) })).join(" "));
  },
  remove(movieId) {
    const { picks, seen, disliked } = store.state;
    store.change({ picks: but(picks, movieId), seen: but(seen, movieId), disliked: but(disliked, movieId) });
    tell(fill(picks.includes(movieId) ? T.removed : T.broughtBack, { title: name(movieId) }), true);
  },
  seen: leaveOut("seen", T.markedSeen),
  dislike: leaveOut("disliked", T.markedDisliked),
  like({ movieId }) {
    store.change({ like: movieId });
    byId("results").scrollIntoView();
  },
  back: () => store.change({ like: null }),
  reset: () => store.reset(),
  print: () => print(),
  undo() {
    store.undo();
    tell(T.undone);
  },
  clear() {
    store.change({ picks: [], seen: [], disliked: [], like: null });
    tell(T.cleared, true);
  },
  async share() {
    const url = location.href;
    try {
      if (navigator.share) return await navigator.share({ title: T.title, text: fill(T.shareText, { films: store.state.picks.map(name).join(", ") }), url });
      await navigator.clipboard.writeText(url);
      return tell(T.copied);
    } catch (error) {
      return error.name === "AbortError" || tell(T.copyFailed);
    }
  },
  save() {
    const films = csv([...store.state.picks.map(known).filter(Boolean), ...shown]);
    h("a", { href: `data:text/csv;charset=utf-8,${encodeURIComponent(films)}`, download: "reelwise.csv" }).click();
  },
};
document.addEventListener("click", ({ target }) => act[target.closest("[data-act]")?.dataset.act]?.());

const steer = steering(store);
const start = wall(store, act);
const drawCards = resultsList(act);
const drawPicks = picksPanel(store, act);
const drawViewer = closestViewer(store, act);

Object.assign(byId("film-search"), { store, act });

const again = () => (model ? refresh() : boot());

/** The films that the server has for a state. */
async function fetchFilms({ picks, disliked, seen, like, ...wishes }, signal) {
  if (like) {
    await learn([like]);
    const alike = await ask(`${filmPath(like)}/similar?n=60`, { signal });
    return alike.filter(({ movieId }) => ![picks, disliked, seen].flat().includes(movieId)).slice(0, HOW_MANY);
  }
  const body = { ...wishes, movie_ids: picks, disliked_ids: disliked, exclude_ids: seen, n: HOW_MANY, ...(model.taste || { rank_by: "stars" }) };
  return (await ask("recommendations", { signal, body })).recommendations;
}

function remark(state) {
  if (state.like) return "";
  if (!shown.length) return T.nothingPasses;
  if (shown.length < HOW_MANY) return plural(T.fewPass, shown.length);
  if (shown[0].source === "popular") return T.popular;
  return state.picks.length < 3 ? T.fewPicks : "";
}

/** Shows what it can without asking. Gives whether there is anything to ask about. */
function draw() {
  const { picks, disliked, like } = store.state;
  const begun = picks.length + disliked.length > 0 || like !== null;
  document.body.classList.toggle("begun", begun);
  drawPicks();
  start.draw();
  steer.draw();
  document.title = begun ? fill(T.titleOf, { films: picks.map(name).join(", ") || T.results }) : T.title;
  return begun;
}

/** Shows what the state says, with the newest list for it. */
async function refresh() {
  const { state } = store;
  const [results, begun] = [byId("results"), draw()];
  asked.abort();
  asked = new AbortController();
  results.ariaBusy = true;
  try {
    shown = begun ? remember(await fetchFilms(state, asked.signal)) : [];
    if (state !== store.state) return;
    allIsWell();
    if (!begun) return;
    const title = shown.length === HOW_MANY ? T.results : shown.length ? plural(T.resultsFew, shown.length) : T.resultsNone;
    byId("results-title").textContent = state.like ? fill(T.resultsLike, { title: name(state.like) }) : title;
    byId("back").hidden = !state.like;
    byId("remark").textContent = remark(state);
    byId("open-up").hidden = shown.length === HOW_MANY || !store.steered;
    results.hidden = false;
    drawCards(shown, model.rating_scale);
    drawViewer();
  } catch (refusal) {
    refused(refusal, again);
  } finally {
    if (state === store.state) results.ariaBusy = false;
  }
}

/** The first questions to the server. */
async function boot() {
  const { picks, disliked, seen, like } = store.state;
  const described = ask("model");
  const first = described.then((it) => it.posters && usePosters(posterAddress));
  try {
    const [it, missing] = await Promise.all([described, learn([picks, disliked, seen, like ?? []].flat()), start.load(first)]);
    describe(it);
    steer.offer(it.genres, it.balance);
    model = it;
    const now = store.state; // somebody may have picked a film meanwhile
    const lists = ["picks", "disliked", "seen"].map((list) => [list, but(now[list], ...missing)]);
    store.change({ ...Object.fromEntries(lists), like: but([now.like], ...missing)[0] ?? null }, true);
    if (missing.length) note(plural(T.unknownFilms, missing.length, { ids: missing.join(", ") }));
  } catch (refusal) {
    refused(refusal, again);
  }
}

draw();
store.addEventListener("change", () => (model ? refresh() : draw()));
boot();
