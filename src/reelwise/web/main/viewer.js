// The viewer of the data set who fits the picks best, and what that viewer loved besides.

import { ask, known } from "../base/api.js";
import { byId, h, put } from "../base/dom.js";
import { latest } from "../base/frame.js";
import { T, digits, fillNodes, formFor } from "../base/texts.js";
import { visitor } from "../base/visitor.js";
import { poster } from "../films/poster.js";
import { cite, filmLink, label } from "../films/titles.js";

/** Gives the function that shows who fits the picks; it asks when they have changed and the section is near.
 * Where a site vouches for visitors, the viewers of the data may be their neighbours, so none is shown. */
export function closestViewer(store) {
  let [near, answered] = [false, ""];
  if (visitor()) byId("viewer").hidden = true;
  const starred = (stars) => stars === null ? "" : h("span", { class: "facts" }, `${digits(stars)} ★`);
  const shared = (film) => h("li", {}, filmLink(film, {}, cite(film.title)), starred(film.stars));
  const loved = (film) => h("li", {}, filmLink(film, { class: "tile", "aria-label": label(film), title: label(film) }, poster(film)), starred(film.stars));

  const show = (match, of) => {
    const facts = { id: match.matched_user_id, n: match.match_count, of, stars: digits(match.average_rating ?? 0) };
    const bold = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, h("b", {}, String(value))]));
    const line = match.average_rating === null ? formFor(T.viewerSeen, of) : of === 1 ? T.viewerFilm : formFor(T.viewerLine, match.match_count);
    put(byId("viewer-line"), match.matched_user_id === null ? T.viewerNone : fillNodes(line, bold));
    put(byId("shared"), match.shared.map(shared));
    put(byId("loved"), match.also_loved.map(loved));
  };
  const draw = latest(async (signal) => {
    const { picks } = store.state;
    const wanted = String(picks);
    if (visitor() || !near || !picks.length || !picks.every(known) || wanted === answered) return;
    show(await ask("match", { signal, body: { movie_ids: picks } }), picks.length);
    answered = wanted;
  });
  new IntersectionObserver(([{ isIntersecting }]) => {
    near = isIntersecting;
    draw();
  }, { rootMargin: "400px" }).observe(byId("viewer"));
  return draw;
}
