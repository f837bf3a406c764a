// What was picked: in the tray below the wall, and in one line above the list.

import { known } from "../base/api.js";
import { button, byId, glide, h, icon, paint } from "../base/dom.js";
import { T, fill, plural } from "../base/texts.js";
import { inBrief, poster } from "../films/poster.js";
import { filmLink, label, spoken, yearOf } from "../films/titles.js";
import { MOST_PICKS } from "../state/state.js";

const ENOUGH = 3; // picks that make a list somebody's own

const unknown = (movieId) => ({ movieId, title: "…", genres: [] });

/** Gives the function that draws both anew. */
export function picksPanel(store, mine, act) {
  const made = new Map();
  const [chips, tray] = ["chips", "tray"].map(byId);

  const once = (key, make) => {
    if (!made.has(key)) made.set(key, make());
    return made.get(key);
  };
  const chip = (film) => h("li", { class: "chip" }, filmLink(film, { class: "brief" }, inBrief(film, yearOf(film))),
    button("act", fill(T.remove, { title: spoken(film.title) }), () => act.remove(film.movieId), icon("dislike")));
  new ResizeObserver(() => paint(document.body, { tray: `${tray.offsetHeight}px` })).observe(tray); // as much as lies over the page
  const thumbnail = (film) => h("li", {}, filmLink(film, { "aria-label": label(film) }, poster(film)));

  return () => {
    const films = store.state.picks.map((movieId) => known(movieId) ?? unknown(movieId));
    const each = (kind, make) => films.map((film) => once(`${kind} ${film.movieId} ${film.title}`, () => make(film)));
    byId("count").textContent = films.length ? fill(T.pickCount, { n: films.length, most: MOST_PICKS }) : "";
    byId("picks-line").textContent = [films.map((film) => spoken(film.title)).join(", "), mine.with("stars").length && plural(T.andStars, mine.with("stars").length)].filter(Boolean).join(" · ");
    glide(chips, each("chip", chip));
    glide(byId("tray-films"), each("thumbnail", thumbnail));
    byId("tray-words").textContent = films.length < ENOUGH ? plural(T.trayMore, ENOUGH - films.length, { picked: plural(T.trayPicked, films.length) }) : plural(T.trayPicked, films.length);
    tray.hidden = !films.length;
    byId("clear").disabled = !films.length;
  };
}
