// How famous, varied, old, of what kind: the filters above the list. The form has the names of the address.

import { but, byId, paint, pill, put } from "../base/dom.js";
import { T, fill, genreName, number } from "../base/texts.js";
import { FIELDS, read } from "../state/state.js";

/** Wires the filters to the state. Gives ways to offer genres and to show the state. */
export function steering(store) {
  const [form, genres, least] = ["controls", "genres", "least"].map(byId);
  const fields = Object.entries(FIELDS).filter(([, [key]]) => form.elements[key]);
  let usual = 0; // the balance by default
  const summaries = [...form.querySelectorAll("summary")];

  function take(quiet) {
    const said = read(new URLSearchParams(new FormData(form)));
    const patch = Object.fromEntries(fields.map(([name]) => [name, said[name]]));
    store.change({ ...patch, balance: said.balance === usual ? null : said.balance }, quiet);
  }
  form.addEventListener("input", ({ target }) => target.type === "range" && take(true)); // while it slides
  // Years are typed one after the other, so they may be in reverse order until Enter, or until both fields are left.
  const { from, to } = form.elements;
  const years = from.parentElement;
  const isReversed = () => to.value !== "" && from.value > to.value;
  form.addEventListener("change", ({ target }) => target.reportValidity() && !(years.contains(target) && isReversed()) && take(false)); // an invalid year is reported, and stays
  const settle = () => isReversed() && form.checkValidity() && take(false);
  years.addEventListener("focusout", ({ relatedTarget }) => years.contains(relatedTarget) || settle());
  years.addEventListener("keydown", ({ key }) => key === "Enter" && settle());
  form.addEventListener("submit", (event) => event.preventDefault());

  // A toolbar: one stop for Tab, arrow keys within.
  const reach = (summary) => summaries.forEach((one) => (one.tabIndex = one === summary ? 0 : -1));
  reach(summaries[0]);
  form.addEventListener("keydown", (event) => {
    const place = summaries.indexOf(event.target);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (place < 0 || !step) return;
    const next = summaries.filter((one) => one.checkVisibility()).at((summaries.indexOf(event.target) + step) % summaries.length);
    reach(next);
    next.focus();
    event.preventDefault();
  });

  /** One press: wanted. A second: unwanted. A third: allowed again. */
  const turn = (genre) => {
    const { genres: wanted, without_genres: without } = store.state;
    if (wanted.includes(genre)) store.change({ genres: but(wanted, genre), without_genres: [...without, genre] });
    else store.change(without.includes(genre) ? { without_genres: but(without, genre) } : { genres: [...wanted, genre] });
  };
  const offer = (names, balance) => {
    usual = balance;
    put(genres, names.map((genre) => pill(genre, () => turn(genre), genreName(genre))));
  };

  /** What each filter is set to, in a few words. */
  const words = ({ year_min: from, year_max: to, genres: wanted, without_genres: without, min_ratings: ratings, rank_by: order }) => ({
    years: from && to ? `${from}–${to}` : from ? fill(T.since, { year: from }) : to ? fill(T.until, { year: to }) : "",
    genres: [...wanted.map(genreName), ...without.map((genre) => fill(T.noGenre, { genre: genreName(genre) }))].join(", "),
    more: [ratings > 0 && `${number(ratings)}+`, order === "stars" && T.byStars].filter(Boolean).join(", "),
  });

  function draw() {
    const { state } = store;
    for (const [name, [key]] of fields) form.elements[key].value = state[name] ?? (name === "balance" ? usual : "");
    if (least.selectedIndex < 0) least.add(new Option(state.min_ratings, state.min_ratings, false, true)); // from the address
    for (const slider of form.querySelectorAll("[type=range]")) paint(slider, { filled: `${100 * slider.value}%` });
    for (const button of genres.children) {
      const { genre } = button.dataset;
      button.dataset.mood = state.genres.includes(genre) ? "genreOnly" : state.without_genres.includes(genre) ? "genreNone" : "genreAny";
      button.ariaLabel = fill(T[button.dataset.mood], { genre: genreName(genre) });
    }
    for (const [name, said] of Object.entries(words(state))) byId(`is-${name}`).textContent = said;
    for (const summary of summaries) summary.classList.toggle("set", summary.dataset.of.split(" ").some((name) => store.steered.includes(name)));
    byId("reset").hidden = !store.steered.length;
  }
  return { offer, draw };
}
