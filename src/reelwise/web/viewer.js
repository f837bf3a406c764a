// The viewer of the data set who fits the picks best, and what that viewer loved besides.

import { ask, known, learn } from "./api.js";
import { byId, h, put } from "./dom.js";
import { tile } from "./picks.js";
import { T, digits, fillNodes } from "./texts.js";
import { spoken } from "./titles.js";

/** Gives the function that shows who fits the picks; it asks only when they have changed. */
export function closestViewer(store, act) {
  let asked = "";
  const starred = (stars) => h("span", { class: "facts" }, `${digits(stars)} ★`);
  const shared = ({ title, stars }) => h("li", {}, h("cite", { dir: "auto" }, spoken(title)), starred(stars));
  const loved = ({ movieId, title, stars }) => {
    const film = known(movieId) ?? { movieId, title, genres: [] };
    const made = tile(film, "add", () => act.add(film));
    made.append(starred(stars));
    return made;
  };

  return async () => {
    const { picks } = store.state;
    if (!picks.length || String(picks) === asked) return;
    asked = String(picks);
    const match = await ask("match", { body: { movie_ids: picks } }).catch((refusal) => {
      asked = "";
      throw refusal;
    });
    await learn(match.also_loved.map((film) => film.movieId));
    if (String(picks) !== asked) return; // a later answer is on its way
    const facts = { id: match.matched_user_id, n: match.match_count, of: picks.length, stars: digits(match.average_rating ?? 0) };
    const bold = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, h("b", {}, String(value))]));
    put(byId("viewer-line"), match.matched_user_id === null ? T.viewerNone : fillNodes(T.viewerLine, bold));
    put(byId("shared"), match.shared.map(shared));
    put(byId("loved"), match.also_loved.map(loved));
    byId("viewer-films").hidden = !match.shared.length;
  };
}
