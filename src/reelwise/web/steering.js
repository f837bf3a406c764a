// How famous, how varied, how old, of what kind: the controls beside the list. The markup names the field of each.

import { byId, h, paint, put } from "./dom.js";
import { T, fill, number } from "./texts.js";

const LEAST = [0, 10, 50, 100, 500, 1000]; // ratings

/** Wires the controls to the state. Gives a way to offer genres, and one to show the state. */
export function steering(store) {
  const inputs = [...document.querySelectorAll("[data-field]")];
  const orders = [...document.querySelectorAll("[data-order]")];
  const genres = byId("genres");
  byId("steering").open = matchMedia("(min-width: 64rem)").matches;

  for (const input of inputs) {
    const { field, kind } = input.dataset;
    const value = () => (kind === "year" ? (/^(1[89]|2[01])\d\d$/.test(input.value) ? Number(input.value) : null) : Number(input.value));
    const take = () => (value() === store.state[field] ? draw() : store.change({ [field]: value() }, kind === "share"));
    input.addEventListener(kind === "share" ? "input" : "change", take);
  }
  orders.forEach((button) => button.addEventListener("click", () => store.change({ rankBy: button.dataset.order })));

  /** One press: wanted. A second: unwanted. A third: allowed again. */
  const turn = (genre) => {
    const { genres: wanted, without } = store.state;
    const others = (list) => list.filter((one) => one !== genre);
    if (wanted.includes(genre)) store.change({ genres: others(wanted), without: [...without, genre] });
    else if (without.includes(genre)) store.change({ without: others(without) });
    else store.change({ genres: [...wanted, genre] });
  };
  const offer = (names) => put(genres, names.map((genre) => h("button", { type: "button", class: "pill", "data-name": genre, onclick: () => turn(genre) }, genre)));

  function draw() {
    const { state } = store;
    const least = byId("least");
    const choices = [...new Set([...LEAST, state.minRatings])].sort((a, b) => a - b);
    put(least, choices.map((n) => h("option", { value: n }, n ? fill(T.viewers, { n: number(n) }) : T.anyone)));
    for (const input of inputs) {
      input.value = state[input.dataset.field] ?? "";
      paint(input, { filled: `${100 * input.value}%` });
    }
    orders.forEach((button) => button.setAttribute("aria-pressed", button.dataset.order === state.rankBy));
    for (const button of genres.children) {
      const genre = button.dataset.name;
      button.dataset.mood = state.genres.includes(genre) ? "Only" : state.without.includes(genre) ? "None" : "Any";
      button.setAttribute("aria-label", fill(T[`genre${button.dataset.mood}`], { genre }));
    }
    byId("reset").hidden = !store.steered;
  }
  return { offer, draw };
}
