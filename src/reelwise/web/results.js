// The films for tonight, as cards.

import { announce, button, byId, glide, h, icon, paint, put } from "./dom.js";
import { poster } from "./poster.js";
import { T, digits, fill, fillNodes, listNodes, number, percent, plural } from "./texts.js";
import { mainGenre, spoken, yearOf } from "./titles.js";

const REASONS = 2; // more than two names are no reason any more

/** Gives the function that shows films as cards; `scale` is the rating scale. A card that stays keeps its node. */
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
  const title = spoken(film.title);
  const [rank, fit, because] = [h("span", { class: "rank", "aria-hidden": "true" }), h("div", { class: "fit" }), h("p", { class: "because" })];
  const action = (name) => {
    const made = button("act", fill(T[name], { title }), () => act[name](film), icon(name));
    made.title = T.hints[name];
    return made;
  };
  const link = (text, name, href) => [" · ", h("a", { href, rel: "noopener", target: "_blank", "aria-label": fill(name, { title }) }, text)];
  const main = mainGenre(film.genres);
  const element = h("li", { class: "card" }, h("article", { "aria-label": title }, rank, poster(film),
    h("div", { class: "words" }, h("h3", { title: film.title, dir: "auto" }, title),
      h("p", { class: "facts" }, [yearOf(film), main, film.genres.find((genre) => genre !== main)].filter(Boolean).join(" · ")),
      fit, because,
      h("p", { class: "facts small" }, plural(T.ratings, film.ratings), film.tmdbId && link("TMDB", T.atTmdb, `https://www.themoviedb.org/movie/${film.tmdbId}`),
        film.imdbId && link("IMDb", T.atImdb, `https://www.imdb.com/title/${imdbName(film.imdbId)}/`)),
      h("div", { class: "actions" }, ["add", "seen", "dislike", ...(act.canCompare() ? ["like"] : [])].map(action)))));

  const update = (now, place, scale) => {
    rank.textContent = place;
    put(fit, "predicted_stars" in now ? stars(now, scale) : alike(now));
    const reasons = (now.reasons ?? []).slice(0, REASONS).map((one) => h("cite", { dir: "auto" }, spoken(one.title)));
    put(because, reasons.length > 0 && fillNodes(T.because, { films: listNodes(reasons) }));
  };
  return { element, update };
}

const everybody = (film) => film.mean_stars !== null && h("span", {}, fill(T.forAll, { stars: digits(film.mean_stars) }));

/** A line from the fewest to the most stars: a dot for the viewer in its margin, a stroke for everybody. */
function stars(film, { low, high }) {
  const { predicted_stars: own, mean_stars: mean, stars_margin: margin } = film;
  const at = (value) => `${(100 * (Math.min(high, Math.max(low, value)) - low)) / (high - low)}%`;
  const words = fill(mean === null ? T.starsUnrated : T.starsOf, { stars: digits(own), high, mean: digits(mean ?? 0), n: number(film.ratings) });
  const line = h("div", { class: "scale", role: "img", "aria-label": words }, h("i", { class: "margin" }), mean !== null && h("i", { class: "mean" }), h("i", { class: "dot" }));
  paint(line, { at: at(own), from: at(own - (margin ?? 0)), to: at(own + (margin ?? 0)), mean: at(mean ?? low) });
  return [line, h("p", { class: "numbers", "aria-hidden": "true" }, h("b", {}, digits(own)), T.forYou, everybody(film))];
}

const alike = (film) => h("p", { class: "numbers" }, h("b", {}, percent(Math.max(0, film.score))), T.alike, everybody(film));

const imdbName = (imdbId) => `tt${String(imdbId).padStart(7, "0")}`;
const cell = (value) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** The films as CSV with the columns that Letterboxd reads. */
export function csv(films) {
  const rows = films.map((film) => [film.tmdbId ?? "", film.imdbId ? imdbName(film.imdbId) : "", spoken(film.title), yearOf(film)]);
  return [["tmdbID", "imdbID", "Title", "Year"], ...rows].map((row) => `${row.map((value) => cell(String(value))).join(",")}\r\n`).join("");
}
