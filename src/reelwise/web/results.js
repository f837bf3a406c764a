// The films for tonight, as cards.

import { announce, byId, copyOf, glide, h, paint, put, within } from "./dom.js";
import { T, digits, fill, fillNodes, listNodes, number, percent, plural } from "./texts.js";
import { cite, mainGenre, spoken, yearOf } from "./titles.js";

const REASONS = 2; // more than two names are no reason any more

/** Gives the function that shows films as cards, on a rating scale. A card that stays keeps its node. */
export function resultsList(act) {
  const cards = new Map();
  const list = byId("cards");
  return (films, scale) => {
    const focused = document.activeElement.closest(".card");
    const place = [...list.children].indexOf(focused);
    const shown = films.map((film, i) => {
      if (!cards.has(film.movieId)) cards.set(film.movieId, card(film, act));
      cards.get(film.movieId).update(film, i + 1, scale);
      return cards.get(film.movieId).element;
    });
    glide(list, shown);
    if (focused && !focused.isConnected) shown[Math.min(place, shown.length - 1)]?.querySelector("button").focus();
    announce(plural(T.listUpdated, films.length));
  };
}

function card(film, act) {
  const [element, part] = copyOf("card");
  const title = spoken(film.title);
  part("article").ariaLabel = title;
  part("film-poster").film = film;
  part("h3").textContent = title;
  part("h3").title = film.title;
  const main = mainGenre(film.genres);
  part(".facts").textContent = [yearOf(film), main, film.genres.find((genre) => genre !== main)].filter(Boolean).join(" · ");
  part(".count").textContent = plural(T.ratings, film.ratings);
  for (const [link, id] of [[part(".tmdb"), film.tmdbId], [part(".imdb"), imdbName(film)]]) {
    link.ariaLabel = fill(T.filmAt, { title, place: link.textContent });
    link.href += id;
    link.hidden = !id;
  }
  for (const button of element.querySelectorAll("button")) {
    const { does } = button.dataset;
    button.title = button.textContent.trim();
    button.ariaLabel = fill(T[does], { title });
    button.addEventListener("click", () => act[does](film));
  }

  const update = (now, place, scale) => {
    part(".rank").textContent = place;
    put(part(".fit"), "predicted_stars" in now ? stars(now, scale) : alike(now));
    const reasons = (now.reasons ?? []).slice(0, REASONS).map((one) => cite(one.title));
    put(part(".because"), reasons.length > 0 && fillNodes(T.because, { films: listNodes(reasons) }));
  };
  return { element, update };
}

const everybody = (film) => film.mean_stars !== null && h("span", {}, fill(T.forAll, { stars: digits(film.mean_stars) }));

/** A line of all stars: a dot for the viewer in its margin, a stroke for everybody. */
function stars(film, { low, high }) {
  const { predicted_stars: own, mean_stars: mean, stars_margin: margin } = film;
  if (own === null) return "";
  const at = (value) => `${(100 * (within(low, high, value) - low)) / (high - low)}%`;
  const words = fill(mean === null ? T.starsUnrated : T.starsOf, { stars: digits(own), high, mean: digits(mean ?? 0), n: number(film.ratings) });
  const line = h("div", { class: "scale", role: "img", "aria-label": words }, h("i", { class: "margin" }), mean !== null && h("i", { class: "mean" }), h("i", { class: "dot" }));
  paint(line, { at: at(own), from: at(own - (margin ?? 0)), to: at(own + (margin ?? 0)), mean: at(mean ?? low) });
  return [line, h("p", { class: "numbers", "aria-hidden": "true" }, h("b", {}, digits(own)), T.forYou, everybody(film))];
}

const alike = (film) => h("p", { class: "numbers" }, h("b", {}, percent(Math.max(0, film.score))), T.alike, everybody(film));

const imdbName = ({ imdbId }) => imdbId && `tt${String(imdbId).padStart(7, "0")}`;
const cell = (value) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** The films as CSV for Letterboxd. */
export function csv(films) {
  const rows = films.map((film) => [film.tmdbId ?? "", imdbName(film) ?? "", spoken(film.title), yearOf(film)]);
  return [["tmdbID", "imdbID", "Title", "Year"], ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
