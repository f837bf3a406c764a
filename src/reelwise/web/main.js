// The page: what a press does, and which list is shown for which state.

import { ask, known, learn, posterAddress, remember } from "./api.js";
import { announce, byId, h, put } from "./dom.js";
import { allIsWell, describe, frame, note, refused } from "./frame.js";
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
const SLOW = 200; // milliseconds until the list shows that a new one is on its way
const TOAST = 7000; // milliseconds that a remark stays

frame(T.title);
const store = new Store();
let model = null;
let shown = []; // the films on the cards
let asked = new AbortController();
let toasting = 0;
let map = null; // comes later, where there is one

const name = (movieId) => spoken(known(movieId)?.title ?? "");
const but = (list, ...gone) => list.filter((movieId) => !gone.includes(movieId));

/** Says something for a while, with a way back if there is one. */
function tell(text, undoable = false) {
  clearTimeout(toasting);
  put(byId("toast"), h("p", {}, text), undoable && h("button", { type: "button", class: "quiet", "data-act": "undo" }, T.undo));
  toasting = setTimeout(() => put(byId("toast")), TOAST);
}

const act = {
  add: (film) => act.addAll([film]),
  addAll(films) {
    const { picks, seen, disliked } = store.state;
    const fresh = but(films.map((film) => film.movieId), ...picks);
    remember(films.filter((film) => !known(film.movieId)));
    if (picks.length + fresh.length > MOST_PICKS) return tell(fill(T.tooMany, { most: MOST_PICKS }));
    if (fresh.length) store.change({ picks: [...picks, ...fresh], seen: but(seen, ...fresh), disliked: but(disliked, ...fresh) });
    return announce(fresh.map((movieId) => fill(T.picked, { title: name(movieId) })).join(" "));
  },
  remove(movieId) {
    const { picks, seen, disliked } = store.state;
    store.change({ picks: but(picks, movieId), seen: but(seen, movieId), disliked: but(disliked, movieId) });
    tell(fill(picks.includes(movieId) ? T.removed : T.broughtBack, { title: name(movieId) }), true);
  },
  seen({ movieId }) {
    store.change({ seen: [...store.state.seen, movieId] });
    tell(fill(T.markedSeen, { title: name(movieId) }), true);
  },
  dislike({ movieId }) {
    store.change({ disliked: [...store.state.disliked, movieId].slice(-MOST_PICKS) });
    tell(fill(T.markedDisliked, { title: name(movieId) }), true);
  },
  like(film) {
    store.change({ like: film.movieId });
    byId("results").scrollIntoView();
  },
  canCompare: () => model.taste,
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
    const [text, url] = [fill(T.shareText, { films: store.state.picks.map(name).join(", ") }), location.href];
    try {
      if (navigator.share) return await navigator.share({ title: T.title, text, url });
      await navigator.clipboard.writeText(url);
      return tell(T.copied);
    } catch (error) {
      return error.name === "AbortError" || tell(T.copyFailed);
    }
  },
  save() {
    const href = URL.createObjectURL(new Blob([csv([...store.state.picks.map(known).filter(Boolean), ...shown])], { type: "text/csv" }));
    h("a", { href, download: "reelwise.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
  },
};
document.addEventListener("click", ({ target }) => act[target.closest("[data-act]")?.dataset.act]?.());

const steer = steering(store);
const start = wall(store, act);
const drawCards = resultsList(act);
const drawPicks = picksPanel(store, act);
const drawViewer = closestViewer(store, act);

const search = byId("film-search");
search.isPicked = (movieId) => store.state.picks.includes(movieId);
search.addEventListener("pick", (event) => act.add(event.detail));
search.addEventListener("refused", (event) => refused(event.detail, again));

const again = () => (model ? refresh() : boot());

/** The films that the server has for a state. */
async function fetchFilms({ picks, disliked, seen, like, novelty, diversity, genres, without, minRatings, rankBy, yearMin, yearMax }, signal) {
  if (like) {
    await learn([like]);
    const alike = await ask(`movies/${like}/similar?n=60`, { signal });
    return alike.filter(({ movieId }) => ![...picks, ...disliked, ...seen].includes(movieId)).slice(0, HOW_MANY);
  }
  const wishes = { n: HOW_MANY, novelty, diversity, genres, without_genres: without, min_ratings: minRatings, year_min: yearMin, year_max: yearMax, rank_by: model.taste ? rankBy : "stars" };
  return (await ask("recommendations", { signal, body: { movie_ids: picks, disliked_ids: disliked, exclude_ids: seen, ...wishes } })).recommendations;
}

function remark(state) {
  if (state.like) return "";
  if (!shown.length) return T.nothingPasses;
  if (shown.length < HOW_MANY) return plural(T.fewPass, shown.length);
  if (shown[0].source === "popular") return T.popular;
  return state.picks.length < 3 ? T.fewPicks : "";
}

/** What can be shown without asking. Gives whether there is anything to ask about. */
function draw() {
  const begun = store.state.picks.length + store.state.disliked.length > 0 || store.state.like !== null;
  document.body.classList.toggle("begun", begun);
  drawPicks();
  start.draw();
  steer.draw();
  byId("steering").hidden = !begun;
  if (!begun) byId("results").hidden = byId("viewer").hidden = true;
  return begun;
}

/** Shows what the state says, with the newest list that the server has for it. */
async function refresh() {
  const { state } = store;
  const [results, begun] = [byId("results"), draw()];
  asked.abort();
  asked = new AbortController();
  const slow = setTimeout(() => results.setAttribute("aria-busy", "true"), SLOW);
  try {
    shown = begun ? remember(await fetchFilms(state, asked.signal)) : [];
    if (state !== store.state) return;
    map?.draw(shown);
    allIsWell();
    if (!begun) {
      document.title = T.title;
      return;
    }
    byId("results-title").textContent = state.like ? fill(T.resultsLike, { title: name(state.like) }) : shown.length === HOW_MANY ? T.results : plural(T.resultsFew, shown.length);
    byId("back").hidden = !state.like;
    document.title = fill(T.titleOf, { films: state.picks.map(name).join(", ") || T.results });
    byId("remark").textContent = remark(state);
    byId("open-up").hidden = shown.length === HOW_MANY || !store.steered;
    results.hidden = false;
    byId("viewer").hidden = !state.picks.length;
    drawCards(shown, model.rating_scale);
    if (viewerIsNear) await drawViewer();
  } catch (refusal) {
    refused(refusal, again);
  } finally {
    clearTimeout(slow);
    if (state === store.state) results.setAttribute("aria-busy", "false");
  }
}

let viewerIsNear = false; // the section is filled once somebody comes near
new IntersectionObserver(([{ isIntersecting }]) => {
  viewerIsNear = isIntersecting;
  if (isIntersecting) drawViewer().catch((refusal) => refused(refusal, again));
}, { rootMargin: "400px" }).observe(byId("viewer"));

// Where the films are out of sight, something leads to them.
new IntersectionObserver(([{ isIntersecting }]) => (byId("jump").hidden = isIntersecting)).observe(byId("results"));

/** The first questions to the server. */
async function boot() {
  const { picks, disliked, seen, like } = store.state;
  const described = ask("model");
  const first = described.then((it) => it.posters && usePosters(posterAddress));
  try {
    const [it, missing] = await Promise.all([described, learn([...picks, ...disliked, ...seen, ...(like ? [like] : [])]), start.load(first)]);
    describe(it);
    if (!model) steer.offer(it.genres);
    model = it;
    const now = store.state; // somebody may have picked a film meanwhile
    store.change({ picks: but(now.picks, ...missing), disliked: but(now.disliked, ...missing), seen: but(now.seen, ...missing), like: missing.includes(now.like) ? null : now.like }, true);
    if (missing.length) note(plural(T.unknownFilms, missing.length, { ids: missing.join(", ") }));
    if (it.map) await unfoldMap();
  } catch (refusal) {
    refused(refusal, again);
  }
}

async function unfoldMap() {
  const { filmMap } = await import("./map.js");
  map ??= filmMap(store, act);
  await map.load();
  map.draw(shown);
}

// The column with picks and controls stays in view; where it is higher than the window, its end does.
new ResizeObserver(([{ target }]) => target.style.setProperty("--stop", `${Math.min(24, innerHeight - target.offsetHeight - 24)}px`)).observe(byId("desk"));

draw();
store.addEventListener("change", () => (model ? refresh() : draw()));
boot();
