// What was picked, as chips that can be removed, and the films to start from.

import { ask, askIfThere, known, remember } from "./api.js";
import { button, byId, glide, h, icon, put } from "./dom.js";
import { poster } from "./poster.js";
import { MOST_PICKS } from "./state.js";
import { T, fill } from "./texts.js";
import { label, spoken, yearOf } from "./titles.js";

/** The chips and their counter; gives the function that draws them anew. */
export function picksPanel(store, act) {
  const made = new Map();

  const chip = (movieId, tag) => {
    const film = known(movieId) ?? { movieId, title: "…", genres: [] };
    const key = `${movieId} ${tag} ${film.title}`;
    const title = spoken(film.title);
    const build = () => h("li", { class: "chip" }, poster(film), h("span", { class: "chip-title", dir: "auto" }, title),
      h("span", { class: "facts" }, tag || yearOf(film)), button("act", fill(T.remove, { title }), () => act.remove(movieId), icon("dislike")));
    if (!made.has(key)) made.set(key, build());
    return made.get(key);
  };

  return () => {
    const { picks, seen, disliked } = store.state;
    byId("count").textContent = picks.length ? fill(T.pickCount, { n: picks.length, most: MOST_PICKS }) : "";
    glide(byId("chips"), picks.map((movieId) => chip(movieId, "")));
    const left = [...seen.map((movieId) => chip(movieId, T.seenTag)), ...disliked.map((movieId) => chip(movieId, T.dislikedTag))];
    put(byId("left-out"), left);
    byId("no-picks").hidden = picks.length > 0;
    byId("left-out-part").hidden = !left.length;
    byId("undo").disabled = !store.canUndo;
    byId("clear").disabled = !picks.length && !left.length;
  };
}

/** A poster to press. */
export const tile = (film, mark, press) => {
  const made = button("tile", label(film), press, poster(film), icon(mark));
  made.dataset.film = film.movieId;
  return h("li", {}, made);
};

/** Well-known films and groups of a kind, to start from: a wall at first, one row of it once something is picked. */
export function wall(store, act) {
  const [element, tabs, tiles, all] = ["start", "groups", "tiles", "pick-all"].map(byId);
  let sets = [];
  let shown = null;
  const isPicked = (movieId) => store.state.picks.includes(movieId);

  const show = (set) => {
    shown = set;
    put(tiles, set.movies.map((film) => tile(film, "seen", () => (isPicked(film.movieId) ? act.remove(film.movieId) : act.add(film)))));
    tiles.scrollLeft = 0;
    [...tabs.children].forEach((tab, i) => tab.setAttribute("aria-pressed", sets[i] === set));
    draw();
  };

  const draw = () => {
    const begun = store.state.picks.length > 0;
    const grouped = shown && shown !== sets[0];
    element.hidden = !shown;
    element.classList.toggle("strip", begun);
    byId("start-title").textContent = begun ? T.more : T.start;
    byId("surprise").hidden = begun || grouped;
    all.hidden = !grouped || shown.movies.every((film) => isPicked(film.movieId));
    all.textContent = grouped ? fill(T.pickAll, { group: shown.name }) : "";
    tiles.querySelectorAll(".tile").forEach((one) => one.setAttribute("aria-pressed", isPicked(Number(one.dataset.film))));
  };

  /** Fetches the films; `ready` is waited for before they are shown. */
  const load = async (ready) => {
    const [starter, groups] = await Promise.all([ask("movies/starter?n=24"), askIfThere("movies/groups"), ready]);
    sets = [{ name: T.wellKnown, movies: starter }, ...(groups ?? [])].filter((set) => remember(set.movies).length);
    put(tabs, sets.map((set) => h("button", { type: "button", class: "pill", onclick: () => show(set) }, set.name)));
    tabs.hidden = sets.length < 2;
    if (sets.length) show(sets[0]);
  };
  all.addEventListener("click", () => act.addAll(shown.movies));
  byId("surprise").addEventListener("click", () => act.addAll([...shown.movies].sort(() => Math.random() - 0.5).slice(0, 3)));
  return { draw, load };
}
