// What was picked, as removable chips, and the films to start from.

import { ask, known, remember } from "./api.js";
import { button, byId, glide, h, icon, pill, put } from "./dom.js";
import { inBrief, poster } from "./poster.js";
import { MOST_PICKS } from "./state.js";
import { T, fill } from "./texts.js";
import { label, spoken, yearOf } from "./titles.js";

/** Chips and their counter; gives the function that draws them anew. */
export function picksPanel(store, act) {
  const made = new Map();

  const chip = (movieId, tag) => {
    const film = known(movieId) ?? { movieId, title: "…", genres: [] };
    const key = `${movieId} ${tag} ${film.title}`;
    if (!made.has(key)) made.set(key, h("li", { class: "chip" }, inBrief(film, tag || yearOf(film)), button("act", fill(T.remove, { title: spoken(film.title) }), () => act.remove(movieId), icon("dislike"))));
    return made.get(key);
  };

  return () => {
    const { picks, seen, disliked } = store.state;
    byId("count").textContent = picks.length ? fill(T.pickCount, { n: picks.length, most: MOST_PICKS }) : "";
    glide(byId("chips"), picks.map((movieId) => chip(movieId, "")));
    const left = [...seen.map((movieId) => chip(movieId, T.seenTag)), ...disliked.map((movieId) => chip(movieId, T.dislikedTag))];
    put(byId("left-out"), left);
    byId("undo").disabled = !store.earlier.length;
    byId("clear").disabled = !picks.length && !left.length;
  };
}

/** A poster to press. */
export const tile = (film, mark, press) => h("li", {}, button("tile", label(film), press, poster(film), icon(mark)));

/** Well-known films and groups to start from: a wall at first, one row of it once something is picked. */
export function wall(store, act) {
  const [element, tabs, tiles, all] = ["start", "groups", "tiles", "pick-all"].map(byId);
  let sets = [];
  let shown = null;

  const show = (set) => {
    shown = set;
    put(tiles, set.movies.map((film) => tile(film, "seen", () => act.turn(film))));
    tiles.scrollLeft = 0;
    sets.forEach((one, i) => (tabs.children[i].ariaPressed = one === set));
    draw();
  };

  const draw = () => {
    element.hidden = !shown;
    if (!shown) return;
    const grouped = shown !== sets[0];
    byId("surprise").hidden = grouped;
    all.hidden = !grouped || shown.movies.every((film) => store.isPicked(film));
    all.textContent = fill(T.pickAll, { group: shown.name });
    shown.movies.forEach((film, i) => (tiles.children[i].firstChild.ariaPressed = store.isPicked(film)));
  };

  /** Fetches the films, and waits for `ready` to show them. */
  const load = async (ready) => {
    const [starter, groups] = await Promise.all([ask("movies/starter?n=24"), ask("movies/groups"), ready]);
    sets = [{ name: T.wellKnown, movies: starter }, ...groups].filter((set) => remember(set.movies).length);
    put(tabs, sets.map((set) => pill(set.name, () => show(set))));
    if (sets.length) show(sets[0]);
  };
  all.addEventListener("click", () => act.addAll(shown.movies));
  byId("surprise").addEventListener("click", () => act.addAll([...shown.movies].sort(() => Math.random() - 0.5).slice(0, 3)));
  return { draw, load };
}
