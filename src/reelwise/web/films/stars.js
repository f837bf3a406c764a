// Half stars to give, out of five, whatever the scale of the model; and predicted stars in words.

import { h, paint, within } from "../base/dom.js";
import { T, digits, fill, number } from "../base/texts.js";
import { spoken } from "./titles.js";

const FIVE = 5;
const lowest = ({ low }) => Math.min(0, low);

export const toFive = (stars, scale) => ((stars - lowest(scale)) * FIVE) / (scale.high - lowest(scale));
export const fromFive = (stars, scale) => Math.max(scale.low, lowest(scale) + (stars * (scale.high - lowest(scale))) / FIVE);

const inWords = (stars) => (stars ? fill(T.starsGiven, { stars: digits(stars, stars % 1 ? 1 : 0) }) : T.starsNone);

/** Five stars to press, or to change by arrow keys. `give` is called with the choice, null for none: with the pointer at once,
 * with the keyboard by Enter or on leaving. Its `display` shows stars that were given elsewhere. */
export function starInput(film, stars, give) {
  const input = h("input", { type: "range", min: 0, max: 10.5, step: 1, "aria-label": fill(T.yourStarsFor, { title: spoken(film.title) }) });
  const glyphs = h("i");
  let given = "";
  const show = () => {
    paint(glyphs, { filled: `${10 * input.value}%` });
    input.ariaValueText = inWords(input.value / 2);
  };
  const settle = () => {
    if (input.value === given) return;
    given = input.value;
    give(input.value / 2 || null);
  };
  let pointed = false;
  input.addEventListener("pointerdown", () => (pointed = true));
  input.addEventListener("input", show);
  input.addEventListener("change", () => {
    if (pointed) settle();
    pointed = false;
  });
  input.addEventListener("keydown", ({ key }) => key === "Enter" && settle());
  input.addEventListener("blur", settle);
  const element = h("span", { class: "stars" }, glyphs, input);
  element.display = (known) => {
    input.value = Math.round(2 * (known ?? 0));
    given = input.value;
    show();
  };
  element.display(stars);
  return element;
}

/** "4.1, likely 3.1 to 5": the predicted stars, and the range that holds the true ones in two cases of three. */
export function prediction({ predicted_stars: own, stars_margin: margin }, { low, high }) {
  if (own === null || own === undefined) return "";
  const fine = high > 20 ? 0 : 1;
  if (margin === null) return fill(T.predicted, { stars: digits(own, fine) });
  const [from, to] = [own - margin, own + margin].map((end) => number(Number(within(low, high, end).toFixed(fine))));
  return fill(T.predictedLikely, { stars: digits(own, fine), from, to });
}
