// The main page: what buttons do, and which films are shown for which state.

import { ask, known, learn, posterAddress, remember } from "../base/api.js";
import { announce, but, byId, h } from "../base/dom.js";
import { describe, latest, markCurrent, note, refused, tell } from "../base/frame.js";
import { kept } from "../base/kept.js";
import { T, digits, fill, plural } from "../base/texts.js";
import { usePosters } from "../films/poster.js";
import { cardList, csv } from "../films/results.js";
import { spoken } from "../films/titles.js";
import { wall } from "../films/wall.js";
import { MOST_EXCLUDED, askForTonight, fetchFilms, genresHere, hasOpinion } from "../state/asking.js";
import { company } from "../state/company.js";
import { mine } from "../state/mine.js";
import { MOST_PICKS, Store } from "../state/state.js";
import { favourites } from "./favourites.js";
import { picksPanel } from "./picks.js";
import "./search.js";
import { steering } from "./steering.js";
import { closestViewer } from "./viewer.js";

const HOW_MANY = 10;
const BOLDER = { balance: 0.9, n: 60 };
const HOW_MANY_BOLDER = 5;

const store = new Store();
let model = null;
let isFilmWanted = false; // a film's page was opened once
let isBack = false; // the visitor was here before
let shown = []; // the films of the list
let answered = ""; // the request that they answer

const name = (movieId) => spoken(known(movieId)?.title ?? mine.of(movieId).title ?? "");

/** Notes something of a film on this device, and says so. */
const noting = (patch, text) => (film) => tell(fill(text, { title: spoken(film.title) }), mine.note(film, patch));

/** Says what was done to many films once it is done, with a way back that waits, too. */
async function tellTaken(text, undo) {
  const back = () => {
    undo();
    return mine.taken;
  };
  if (await mine.taken) tell(text, back);
}

const act = {
  add: (film) => act.addAll([film]),
  async addAll(films) {
    const ids = films.map((film) => film.movieId);
    try {
      await learn(ids); // all facts
    } catch (refusal) {
      return refused(refusal, () => act.addAll(films));
    }
    const { picks } = store.state;
    const fresh = but(ids, ...picks);
    if (picks.length + fresh.length > MOST_PICKS) return tell(fill(T.tooMany, { most: MOST_PICKS }));
    fresh.filter((movieId) => mine.of(movieId).disliked).forEach((movieId) => mine.note(known(movieId), { disliked: false }));
    if (fresh.length) store.change({ picks: [...picks, ...fresh], view: view() });
    return announce(fresh.map((movieId) => fill(T.picked, { title: name(movieId) })).join(" "));
  },
  remove(movieId) {
    const { picks } = store.state;
    const place = picks.indexOf(movieId);
    store.change({ picks: but(picks, movieId), view: view() });
    tell(fill(T.removed, { title: name(movieId) }), () => {
      const now = but(store.state.picks, movieId);
      store.change({ picks: now.toSpliced(place, 0, movieId).slice(0, MOST_PICKS) });
    });
  },
  turn: (film) => (store.isPicked(film) ? act.remove(film.movieId) : act.add(film)),
  rate(film, stars) {
    const title = spoken(film.title);
    const text = stars ? plural(T.rated, stars, { title, stars: digits(stars, stars % 1 ? 1 : 0) }) : fill(T.unrated, { title });
    tell(text, mine.note(film, { stars }));
  },
  seen: noting({ seen: true }, T.markedSeen),
  watchlist(film) {
    const waits = !mine.of(film.movieId).watchlist;
    noting({ watchlist: waits }, waits ? T.markedWatchlist : T.unmarkedWatchlist)(film);
  },
  dislike(film) {
    const refuses = !mine.of(film.movieId).disliked;
    if (refuses && store.isPicked(film)) store.change({ picks: but(store.state.picks, film.movieId), view: view() });
    noting({ disliked: refuses }, refuses ? T.markedDisliked : T.broughtBack)(film);
  },
  like({ movieId }) {
    byId("film").dataset.wanted = "alike";
    store.change({ film: movieId });
  },
  takeOff: (film, kind) => noting({ [kind]: kind === "stars" ? null : false, ...(kind === "liked" || kind === "stars" ? { seen: false } : {}) }, T.takenOff)(film),
  forget() {
    const undo = [mine.forget(), company.forget()];
    return tellTaken(T.forgotten, () => undo.forEach((back) => back()));
  },
  keep: () => download("reelwise.json", "application/json", mine.file),
  reset: () => store.reset(),
  print: () => print(),
  clear() {
    const { picks } = store.state;
    store.change({ picks: [], view: view() });
    tell(T.cleared, () => store.change({ picks }));
  },
  async surprise() {
    const films = await ask("movies/starter?n=100").catch((refusal) => refused(refusal, act.surprise));
    const fresh = films && remember(films).filter((film) => !store.isPicked(film) && !mine.of(film.movieId).seen);
    if (fresh?.length) store.change({ film: fresh[Math.floor(Math.random() * fresh.length)].movieId });
  },
  share: () => pass(new URL(store.link, location.href).href, fill(T.shareText, { films: store.state.picks.map(name).join(", ") || T.name }), T.copied),
  shareFilm: () => pass(location.origin + location.pathname, name(store.state.film), T.copiedFilm),
  save: () => download("reelwise.csv", "text/csv", csv(shown)),
};

async function pass(url, text, copied) {
  try {
    if (navigator.share) return await navigator.share({ title: T.title, text, url });
    await navigator.clipboard.writeText(url);
    return tell(copied);
  } catch (error) {
    return error.name === "AbortError" || tell(T.copyFailed);
  }
}

function download(file, kind, text) {
  h("a", { href: `data:${kind};charset=utf-8,${encodeURIComponent(text)}`, download: file }).click();
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const path = event.composedPath(); // part of which may be gone by now
  for (const open of document.querySelectorAll("details.pop[open]")) if (!path.includes(open) || target.closest(".menu button")) open.open = false;
  act[target.closest("[data-act]")?.dataset.act]?.();
  const link = target.closest("[data-film]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  store.change({ film: known(link.dataset.film)?.movieId ?? mine.of(link.dataset.film).movieId });
});
document.addEventListener("keydown", ({ key, target }) => {
  const open = key === "Escape" && target.closest("details.pop[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

const steer = steering(store);
const start = wall(store, mine, act);
const drawCards = cardList(byId("cards"), mine, act);
const drawBolder = cardList(byId("bolder-cards"), mine, act);
const drawPicks = picksPanel(store, mine, act);
const drawViewer = closestViewer(store);
const drawFavourites = favourites(store, mine, act, (film) => shown.some(({ movieId }) => movieId === film.movieId));

Object.assign(byId("film-search"), { store, act });

/** A part of the page that is fetched when it is first wanted, and then drawn. */
function later(load) {
  let part = null;
  return async function drawPart() {
    try {
      return (await (part ??= load()))(model);
    } catch {
      part = null;
      return refused({ kind: "gone" }, drawPart);
    }
  };
}
const brought = (n, undo) => {
  store.change({ view: "tonight" });
  return tellTaken(plural(T.broughtKept, n), undo);
};
const drawMine = later(async () => (await import("./notebook.js")).notebook(mine, act, brought));
const drawFilm = later(async () => (await import("./film.js")).filmPage(store, mine, act));
const drawTogether = later(async () => (await import("./together.js")).together(store, mine, act, pass));

/** The part of the page that is shown: as the address says, or else the list, once there is an opinion to go by. */
const view = () => store.state.view || (hasOpinion(store.state, mine) ? "tonight" : "pick");

function remark() {
  const { picks, year_min: from } = store.state;
  const waiting = mine.with("watchlist").length;
  if (!shown.length && model.catalogue_ends && from > model.catalogue_ends) return fill(T.filmsEnd, { year: model.catalogue_ends });
  if (!shown.length) return store.steered.length ? T.nothingPasses : T.nothingLeft;
  if (shown.length < HOW_MANY) return store.steered.length ? plural(T.fewPass, shown.length) : "";
  if (shown.some((film) => film.source === "popular")) return T.popular;
  if (!picks.length && !isBack) return T.fromRated;
  if (!picks.length) return waiting ? plural(T.welcomeWaiting, waiting) : T.welcome;
  return picks.length + mine.with("stars").length < 3 ? T.fewPicks : "";
}

/** Shows what it can without asking. */
function draw() {
  const now = view();
  document.documentElement.dataset.view = now;
  markCurrent((link) => link.dataset.view === now);
  byId("mine-count").textContent = mine.all.length || "";
  drawPicks();
  byId("tray-together").hidden = !company.others.length;
  start.draw();
  steer.draw();
  if (now === "mine") drawMine();
  if (now === "together") drawTogether();
  const { film, picks } = store.state;
  const called = { tonight: picks.map(name).join(", ") || T.results, together: T.together, mine: T.mine };
  const about = film !== null && known(film) ? name(film) : called[now];
  document.title = about ? fill(T.titleOf, { films: about }) : T.title;
  if ((isFilmWanted ||= film !== null)) drawFilm();
}

/** Shows what the state says, with the newest list for it. */
const refresh = latest(async (signal) => {
  draw();
  const { state } = store;
  if (view() !== "tonight") return;
  const begun = hasOpinion(state, mine);
  for (const id of ["results", "viewer"]) byId(id).classList.toggle("empty", !begun);
  if (!begun) return drawFavourites(model);
  const body = askForTonight(state, mine, model);
  const wanted = JSON.stringify(body);
  if (wanted === answered) return drawCards(shown, model.rating_scale);
  const results = byId("results");
  results.ariaBusy = true;
  try {
    const { films, unknown } = await fetchFilms(body, HOW_MANY, signal);
    [shown, answered] = [films, wanted];
    byId("results-title").textContent = shown.length === HOW_MANY ? T.results : shown.length ? plural(T.resultsFew, shown.length) : T.resultsNone;
    byId("remark").textContent = [remark(), unknown && plural(T.unknownMine, unknown)].filter(Boolean).join(" ");
    byId("open-up").hidden = shown.length === HOW_MANY || !store.steered.length;
    drawCards(shown, model.rating_scale);
  } finally {
    if (!signal.aborted) results.ariaBusy = false;
  }
  drawViewer();
  drawFavourites(model);
  showBolder(body);
});

/** Shows films that fewer people know, below the list. */
const showBolder = latest(async (signal, body) => {
  const excluded = [...shown.map((film) => film.movieId), ...body.exclude_ids].slice(0, MOST_EXCLUDED);
  const usual = shown.map((film) => film.ratings).sort((one, other) => one - other)[Math.floor(shown.length / 2)];
  const isLessKnown = (film) => film.ratings < usual;
  const { films } = await fetchFilms({ ...body, ...BOLDER, exclude_ids: excluded }, HOW_MANY_BOLDER, signal, isLessKnown);
  byId("bolder").hidden = !films.length;
  drawBolder(films, model.rating_scale);
});

/** The first questions to the server. */
const boot = latest(async () => {
  const described = ask("model");
  const first = described.then((about) => about.posters && usePosters(posterAddress));
  const [about, missing] = await Promise.all([described, learn(store.state.picks), start.load(first)]);
  describe(about);
  steer.offer(about.genres, about.balance);
  byId("film-search").newest = about.catalogue_ends;
  byId("guest-search").newest = about.catalogue_ends;
  model = about;
  const { picks, genres, without_genres: without } = store.state; // a film may have been picked meanwhile
  store.change({ picks: but(picks, ...missing), genres: genresHere(genres, about), without_genres: genresHere(without, about) }, true);
  const strange = [...genres, ...without].filter((one) => !genresHere([one], about).length);
  const leftOut = [[T.unknownFilms, missing], [T.unknownGenres, strange]].filter(([, names]) => names.length);
  if (leftOut.length) note(leftOut.map(([text, names]) => plural(text, names.length, { ids: names.join(", ") })).join(" "));
});

const changed = () => (model ? refresh() : draw());

mine.addEventListener("unkept", () => note(mine.user === null ? T.deviceFull : T.siteAway));
mine.addEventListener("sending", () => tell(plural(T.siteTaking, mine.untold)));
addEventListener("beforeunload", (event) => mine.untold && event.preventDefault());
const refusal = await mine.open();
if (refusal) note(T.problems.visitor);
if (mine.user !== null) {
  byId("mine-lead").textContent = fill(T.mineLeadSite, { user: mine.user });
  byId("foot-privacy").textContent = fill(T.footerPrivacySite, { user: mine.user });
}
isBack = mine.all.length > 0;
if (!mine.isKept) byId("mine-unkept").hidden = false;
mine.addEventListener("change", () => {
  kept("begun", hasOpinion({ picks: [] }, mine) ? "yes" : "");
  changed();
});
draw();
store.addEventListener("change", changed);
boot();
