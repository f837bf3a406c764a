// How famous, varied, old, of what kind: the controls beside the list. The form has the names of the address.

import { but, byId, paint, pill, put } from "./dom.js";
import { FIELDS, read } from "./state.js";
import { T, fill } from "./texts.js";

/** Wires the controls to the state. Gives ways to offer genres and to show the state. */
export function steering(store) {
  const [form, genres, least] = ["controls", "genres", "least"].map(byId);
  const fields = Object.entries(FIELDS).filter(([, [key]]) => form.elements[key]);
  let usual = 0; // the balance where nothing is said
  byId("steering").open = matchMedia("(min-width: 64rem)").matches;

  function take(quiet) {
    const said = read(new URLSearchParams(new FormData(form)));
    const patch = Object.fromEntries(fields.map(([name]) => [name, said[name]]));
    store.change({ ...patch, balance: said.balance === usual ? null : said.balance }, quiet);
  }
  form.addEventListener("input", ({ target }) => target.type === "range" && take(true)); // while it slides
  form.addEventListener("change", () => take(false));

  /** One press: wanted. A second: unwanted. A third: allowed again. */
  const turn = (genre) => {
    const { genres: wanted, without_genres: without } = store.state;
    if (wanted.includes(genre)) store.change({ genres: but(wanted, genre), without_genres: [...without, genre] });
    else store.change(without.includes(genre) ? { without_genres: but(without, genre) } : { genres: [...wanted, genre] });
  };
  const offer = (names, balance) => {
    usual = balance;
    put(genres, names.map((genre) => pill(genre, () => turn(genre))));
  };

  function draw() {
    const { state } = store;
    for (const [name, [key]] of fields) form.elements[key].value = state[name] ?? (name === "balance" ? usual : "");
    if (least.selectedIndex < 0) least.add(new Option(state.min_ratings, state.min_ratings, false, true)); // from the address
    for (const slider of form.querySelectorAll("[type=range]")) paint(slider, { filled: `${100 * slider.value}%` });
    for (const button of genres.children) {
      const { genre } = button.dataset;
      button.dataset.mood = state.genres.includes(genre) ? "genreOnly" : state.without_genres.includes(genre) ? "genreNone" : "genreAny";
      button.ariaLabel = fill(T[button.dataset.mood], { genre });
    }
    byId("reset").hidden = !store.steered;
  }
  return { offer, draw };
}
