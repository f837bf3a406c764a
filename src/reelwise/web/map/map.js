// The page of the map: all films at once. Near means liked by the same people.

import { ask, filmAddress, known, learn, learnKind, posterAddress } from "../base/api.js";
import { announce, but, button, byId, h, icon, paint, put, within } from "../base/dom.js";
import { describe, latest, note, refused } from "../base/frame.js";
import { T, fill, genreName, number, plural } from "../base/texts.js";
import { inBrief, usePosters } from "../films/poster.js";
import { label, spoken, yearOf } from "../films/titles.js";
import { askForTonight, fetchFilms, hasOpinion } from "../state/asking.js";
import { mine } from "../state/mine.js";
import { MOST_PICKS, queryOf, read } from "../state/state.js";
import { light, point, seen, spotlight, tools, unfold } from "./sky.js";

const HOW_MANY = 10; // films for tonight
const [canvas, card, legend] = ["sky", "map-card", "legend"].map(byId);
let films = []; // the best known first
let model = null;
let results = []; // the films for tonight
let [opened, pointed] = []; // the film whose card is open, and the one that the pointer means

const state = () => read(new URLSearchParams(location.search));
const picks = () => state().picks.map(String);
const isPicked = ({ movieId }) => picks().includes(String(movieId));
const onMap = (ids) => films.filter(({ movieId }) => ids.includes(String(movieId)));

document.addEventListener("click", ({ target }) => tools[target.closest("[data-act]")?.dataset.act]?.());

/** Keeps the picks in the address, as the page of the films has them. */
const keep = (ids) => history.replaceState(null, "", location.pathname + queryOf({ ...state(), picks: ids }));

function turn(film) {
  const ids = picks();
  if (isPicked(film)) keep(but(ids, String(film.movieId)));
  else if (ids.length < MOST_PICKS) keep([...ids, String(film.movieId)]);
  else return note(fill(T.tooMany, { most: MOST_PICKS }));
  announce(fill(isPicked(film) ? T.picked : T.removed, { title: spoken(film.title) }));
  showCard(film);
  card.querySelector("button").focus({ preventScroll: true });
  return lightMine();
}

/** What is said of a film at once; the card that a press opens says more. */
function brief(film) {
  const role = isPicked(film) ? T.mapPicked : results.includes(film) ? T.mapRecommended : genreName(film.genre) || T.otherGenre;
  return [[yearOf(film), role].filter(Boolean).join(" · "), plural(T.ratings, film.ratings)];
}

function fillCard(film) {
  const facts = brief(film);
  if (film !== opened) return put(card, h("b", { dir: "auto" }, spoken(film.title)), facts.map((words) => h("span", { class: "facts" }, words)));
  const all = known(film.movieId) ?? film;
  return put(card, inBrief(all, ...facts), h("div", { class: "buttons" },
    h("button", { type: "button", class: "button", onclick: () => turn(film) }, isPicked(film) ? T.mapUnpick : T.mapPick),
    h("a", { class: "quiet", href: filmAddress(film.movieId) + location.search }, T.openFilm)), button("act", T.dismiss, close, icon("dislike")));
}

function showCard(film) {
  card.hidden = !film;
  card.classList.toggle("open", film !== null && film === opened);
  if (!film) return;
  card.ariaLabel = label(film);
  fillCard(film);
  placeCard();
}

function placeCard() {
  const film = opened ?? pointed;
  if (!film) return;
  const [[x, y], { clientWidth: wide, clientHeight: high }] = [seen(film), canvas];
  paint(card, { x: `${within(0, wide, x)}px`, y: `${within(0, high, y)}px`, aside: x > wide / 2 ? "calc(-100% - 20px)" : "20px" });
}

function close() {
  opened = null;
  showCard(null);
  canvas.focus({ preventScroll: true });
}

/** Opens the card of a film, with all that is known of it. */
async function open(film) {
  try {
    await learn([film.movieId]);
  } catch (refusal) {
    return refused(refusal, () => open(film));
  }
  opened = film;
  showCard(film);
  return card.querySelector("button").focus({ preventScroll: true });
}
card.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  const film = opened;
  close();
  point(film); // from where the keys go on
});

const told = {
  pointed(film) {
    pointed = film;
    if (!opened) showCard(film);
  },
  pressed(film) {
    if (film) open(film);
    else if (opened) close();
  },
  reached: (film, n, of) => announce(n ? fill(T.mapTurn, { title: label(film), n, of }) : label(film)),
  drawn: placeCard,
};

/** Lights the picks, what is mine, and the list that the films' page has for both. */
const lightMine = latest(async (signal) => {
  const now = state();
  const rated = mine.all.filter((one) => one.stars || one.liked).map((one) => String(one.movieId));
  const own = onMap([...picks(), ...rated]);
  byId("zoom-mine").disabled = !own.length;
  light(onMap(picks()), (results = []), own);
  if (!hasOpinion(now, mine)) return;
  await learn(now.picks, signal);
  const here = now.picks.map(known).filter(Boolean).map(({ movieId }) => movieId);
  const tonight = await fetchFilms(askForTonight({ ...now, picks: here }, mine, model), HOW_MANY, signal);
  results = onMap(tonight.films.map(({ movieId }) => String(movieId)));
  light(onMap(picks()), results, own);
});

/** The genres, most films first; a press lights one. */
function drawLegend() {
  const genres = Object.entries(Object.groupBy(films, (film) => film.genre)).sort((one, other) => other[1].length - one[1].length);
  let only = null;
  const choose = (genre) => {
    only = only === genre ? null : genre;
    for (const one of legend.children) one.ariaPressed = one.dataset.genre === only;
    spotlight(only);
  };
  put(legend, genres.map(([genre]) => h("button", { type: "button", class: "pill", "data-genre": genre, "aria-pressed": "false", onclick: () => choose(genre) }, h("i"), genreName(genre) || T.otherGenre)));
}

/** Fetches the films and shows them. */
async function show() {
  try {
    model = await ask("model");
    describe(model);
    await mine.open();
    if (model.posters) usePosters(posterAddress);
    byId("sky-frame").hidden = !model.map;
    if (!model.map) return put(byId("map-lead"), T.noMap);
    const { regions, movie_ids: ids, ...map } = await ask("movies/map?n=10000");
    learnKind(ids[0]);
    const spread = (values) => {
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return (value) => (value - low) / (high - low || 1);
    };
    const [u, v, most] = [spread(map.x), spread(map.y), Math.log(2 + Math.max(...map.ratings))];
    const room = within(1, 1.7, (3000 / ids.length) ** 0.25); // the fewer films, the larger
    const size = (ratings) => room * (3.5 + 13 * (Math.log(2 + ratings) / most) ** 3);
    const lightOf = (ratings) => Math.min(1, 0.25 + 0.3 * Math.log(ratings)); // or many little-known films together would look like a star
    films = ids.map((movieId, i) => ({
      movieId, title: map.titles[i], year: map.years[i], genre: map.genres[i] ?? "", genres: [map.genres[i] ?? ""],
      ratings: map.ratings[i], size: size(map.ratings[i]), light: lightOf(map.ratings[i]), u: u(map.x[i]), v: v(map.y[i]),
    }));
    byId("map-lead").textContent = fill(T.mapLead, { n: number(films.length) });
    drawLegend();
    unfold(films, regions.map(({ name, x, y }) => ({ name, u: u(x), v: v(y) })), told);
    return lightMine();
  } catch (refusal) {
    return refused(refusal, show);
  }
}
show();
