// "Mine": the films that one rated, waits for, has seen or does not want.

import { button, byId, h, icon, put } from "../base/dom.js";
import { T, fill, plural } from "../base/texts.js";
import { inBrief } from "../films/poster.js";
import { starInput } from "../films/stars.js";
import { filmLink, spoken, yearOf } from "../films/titles.js";
import { bringing } from "./bring.js";

const AT_ONCE = 40; // films of a list that are drawn before somebody wants more
const LISTS = { watchlist: T.mineWatchlist, stars: T.mineStars, liked: T.mineLiked, seen: T.mineSeen, disliked: T.mineDisliked };
const among = { seen: (film) => !film.stars && !film.liked, liked: (film) => !film.stars }; // the others are in a list before

/** Gives the function that draws the lists anew; what stays keeps its node. `brought` hears of films that came in a file. */
export function notebook(mine, act, brought) {
  const describeBringing = bringing(mine, brought);
  const drawers = Object.keys(LISTS).map(list);

  function list(kind) {
    const rows = new Map();
    const [items, count] = [h("ul", { class: "chips" }), h("span", { class: "facts" })];
    const more = h("button", { type: "button", class: "quiet", onclick: () => ((most += 10 * AT_ONCE), drawList()) });
    const section = h("section", { hidden: true }, h("h3", {}, LISTS[kind], " ", count), items, more);
    let [most, drawn] = [AT_ONCE, ""];
    byId("mine-lists").append(section);

    const row = (film) => {
      const stars = starInput(film, null, (given) => act.rate(film, given));
      const off = button("act", fill(T.takeOff, { title: spoken(film.title), list: LISTS[kind] }), () => act.takeOff(film, kind), icon("dislike"));
      return { stars, element: h("li", { class: "chip" }, filmLink(film, { class: "brief" }, inBrief(film, yearOf(film))), kind !== "disliked" && stars, off) };
    };
    const once = (film) => {
      if (!rows.has(film.movieId)) rows.set(film.movieId, row(film));
      rows.get(film.movieId).stars.display(film.stars);
      return rows.get(film.movieId).element;
    };

    function drawList() {
      const films = mine.with(kind).filter(among[kind] ?? Boolean);
      const shown = films.slice(0, most).map(once);
      const wanted = String(films.slice(0, most).map((film) => film.movieId));
      section.hidden = !films.length;
      count.textContent = films.length;
      more.hidden = films.length <= most;
      more.textContent = plural(T.showMore, films.length - most);
      if (wanted !== drawn) put(items, shown);
      drawn = wanted;
    }
    return drawList;
  }

  return (model) => {
    if (model) describeBringing(model);
    const any = mine.all.length > 0;
    for (const drawList of drawers) drawList();
    byId("mine-none").hidden = any;
    for (const id of ["mine-save", "mine-forget"]) byId(id).hidden = !any;
  };
}
