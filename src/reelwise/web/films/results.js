// Films as cards: why, how many stars are likely, and what one can do with them.

import { filmAddress } from "../base/api.js";
import { announce, button, copyOf, glide, h, icon, put } from "../base/dom.js";
import { T, fill, fillNodes, listNodes, plural } from "../base/texts.js";
import { prediction, starInput } from "./stars.js";
import { cite, factsOf, spoken, yearOf } from "./titles.js";

const REASONS = 2; // more names would explain nothing

/** The stars that are likely for one person, and why. */
function say(film, scale) {
  const reasons = film.reasons.slice(0, REASONS).map((one) => cite(one.title));
  return { fit: prediction(film, scale), because: reasons.length > 0 && fillNodes(T.because, { films: listNodes(reasons) }) };
}

/** Gives the function that shows films as cards in a list, on a rating scale. A card that stays keeps its node. */
export function cardList(list, mine, act, words = say) {
  const cards = new Map();
  return (films, scale) => {
    const shown = films.map((film) => {
      if (!cards.has(film.movieId)) cards.set(film.movieId, card(film, mine, act, words));
      cards.get(film.movieId).update(film, scale);
      return cards.get(film.movieId).element;
    });
    glide(list, shown);
    announce(plural(T.listUpdated, films.length));
  };
}

function card(film, mine, act, words) {
  const [element, part] = copyOf("card");
  const title = spoken(film.title);
  part("article").ariaLabel = title;
  part("film-poster").film = film;
  const link = part("h3 a");
  Object.assign(link, { textContent: title, title: film.title });
  for (const each of [link, part(".cover")]) {
    each.href = filmAddress(film.movieId);
    each.dataset.film = film.movieId;
  }
  part(".facts").textContent = factsOf(film);
  const waits = part("[data-does=watchlist]");

  const close = () => {
    part(".rate").remove();
    part("[data-does=seen]").focus();
  };
  const rate = () => {
    part(".words").append(h("div", { class: "rate", onkeydown: ({ key }) => key === "Escape" && close() },
      starInput(film, null, (stars) => (close(), act.rate(film, stars))),
      h("button", { type: "button", class: "quiet", onclick: () => (close(), act.seen(film)) }, T.seenOnly),
      button("act", T.dismiss, close, icon("dislike"))));
    part(".rate input").focus();
  };
  const does = { watchlist: () => act.watchlist(film), seen: rate, dislike: () => act.dislike(film), add: () => act.add(film), like: () => act.like(film) };
  for (const one of element.querySelectorAll("[data-does]")) {
    one.ariaLabel = fill(T[one.dataset.does], { title });
    one.addEventListener("click", does[one.dataset.does]);
  }

  const update = (now, scale) => {
    const { fit, because } = words(now, scale);
    put(part(".fit"), fit);
    put(part(".because"), because);
    waits.ariaPressed = mine.of(film.movieId).watchlist;
  };
  return { element, update };
}

export const imdbName = ({ imdbId }) => imdbId && `tt${String(imdbId).padStart(7, "0")}`;
const cell = (value) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** The films as CSV for Letterboxd. */
export function csv(films) {
  const rows = films.map((film) => [film.tmdbId ?? "", imdbName(film) ?? "", spoken(film.title), yearOf(film)]);
  return [["tmdbID", "imdbID", "Title", "Year"], ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
