// The films to start from: a wall of posters to press. A first press picks, a second offers stars.

import { ask, remember } from "../base/api.js";
import { button, byId, h, icon, pill, put } from "../base/dom.js";
import { T, fill } from "../base/texts.js";
import { poster } from "./poster.js";
import { starInput } from "./stars.js";
import { filmLink, label, spoken } from "./titles.js";

/** A poster to press. */
export const tile = (film, mark, press) => h("li", {}, button("tile", label(film), press, poster(film), icon(mark)));

export function wall(store, mine, act) {
  const [element, tabs, tiles, all] = ["start", "groups", "tiles", "pick-all"].map(byId);
  let sets = [];
  let shown = null;

  /** The panel over a picked poster that is pressed again. */
  const more = (film, li) => {
    const close = () => {
      open.remove();
      li.firstChild.focus();
    };
    const does = (act) => () => (close(), act());
    const open = h("div", { class: "tile-more", role: "group", "aria-label": spoken(film.title), onkeydown: ({ key }) => key === "Escape" && close() },
      h("b", { dir: "auto" }, spoken(film.title)),
      starInput(film, mine.of(film.movieId).stars, (stars) => (close(), act.rate(film, stars))),
      h("button", { type: "button", class: "quiet", onclick: does(() => act.remove(film.movieId)) }, T.unpick),
      filmLink(film, { class: "quiet" }, T.about),
      button("act", T.dismiss, close, icon("dislike")));
    li.append(open);
    open.querySelector("input").focus({ preventScroll: true });
  };
  const press = (film, li) => {
    tiles.querySelector(".tile-more")?.remove();
    if (store.isPicked(film)) more(film, li);
    else act.add(film);
  };
  const placed = (film) => {
    const li = tile(film, "seen", () => press(film, li));
    return li;
  };

  const show = (set) => {
    shown = set;
    put(tiles, set.movies.map(placed));
    sets.forEach((one, i) => (tabs.children[i].ariaPressed = one === set));
    draw();
  };

  const draw = () => {
    if (!shown) return;
    all.hidden = shown === sets[0] || shown.movies.every((film) => store.isPicked(film));
    all.textContent = fill(T.pickAll, { group: shown.name });
    shown.movies.forEach((film, i) => (tiles.children[i].firstChild.ariaPressed = store.isPicked(film)));
  };

  /** Fetches the films, and waits for `ready` to show them. */
  const load = async (ready) => {
    const [starter, groups] = await Promise.all([ask("movies/starter?n=24"), ask("movies/groups"), ready]);
    sets = [{ name: T.wellKnown, movies: starter }, ...groups].filter((set) => remember(set.movies).length);
    put(tabs, sets.map((set) => pill(set.name, () => show(set))));
    if (sets.length) show(sets[0]);
    else element.hidden = true;
  };
  all.addEventListener("click", () => act.addAll(shown.movies));
  return { draw, load };
}
