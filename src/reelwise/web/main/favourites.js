// Everybody's favourites: seen them? A strip of films that one has likely seen, to give stars to, a few at a time.

import { ask, remember } from "../base/api.js";
import { byId, h, put } from "../base/dom.js";
import { refused } from "../base/frame.js";
import { T } from "../base/texts.js";
import { poster } from "../films/poster.js";
import { starInput } from "../films/stars.js";
import { filmLink, spoken } from "../films/titles.js";
import { hasOpinion, whoAsks } from "../state/asking.js";

const ASKED = 60;
const SHOWN = 8;

/** Gives the function that shows the strip, without films that are listed above; it asks for them once the section is near. */
export function favourites(store, mine, act, isListed) {
  const section = byId("favourites");
  const skipped = new Set(); // not seen, for this visit
  const items = new Map();
  let films = [];
  let [near, scale] = [false, null];

  const item = (film) => h("li", {}, filmLink(film, { class: "tile", tabindex: -1, "aria-hidden": "true" }, poster(film)),
    filmLink(film, { dir: "auto" }, spoken(film.title)),
    starInput(film, null, (stars) => (items.delete(film.movieId), act.rate(film, stars))),
    h("button", { type: "button", class: "quiet", onclick: () => (skipped.add(film.movieId), draw()) }, T.notSeen));

  const once = (film) => {
    if (!items.has(film.movieId)) items.set(film.movieId, item(film));
    return items.get(film.movieId);
  };

  const isNew = (film) => !store.isPicked(film) && !skipped.has(film.movieId) && !mine.of(film.movieId).seen && !mine.of(film.movieId).disliked;

  async function draw() {
    section.classList.toggle("empty", !hasOpinion(store.state, mine));
    if (!near || !scale || !hasOpinion(store.state, mine)) return;
    try {
      if (films.filter(isNew).length < SHOWN) films = remember((await ask("recommendations/likely_seen", { body: { ...whoAsks(store.state, mine, scale), n: ASKED } })).films).filter((film) => !isListed(film));
    } catch (refusal) {
      return refused(refusal, draw);
    }
    const fresh = films.filter(isNew).slice(0, SHOWN);
    section.classList.toggle("empty", !fresh.length);
    return put(byId("strip"), fresh.map(once));
  }
  new IntersectionObserver(([{ isIntersecting }]) => {
    near = isIntersecting;
    draw();
  }, { rootMargin: "300px" }).observe(section);
  return (model) => {
    scale = model.rating_scale;
    return draw();
  };
}
