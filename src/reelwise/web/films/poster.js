// A poster for every film, made of its facts: colours and picture from the genre, all else from its id, so that it keeps
// its face. The pictures are in motifs.svg, poster.css places their parts. Real posters, if any, come over it.

import { h, paint, s, within } from "../base/dom.js";
import MOTIFS from "./genres.json" with { type: "json" };
import { mainGenre, spoken, yearOf } from "./titles.js";

const LOOKS = 3; // sets of colours for each genre, see genres.css

fetch(new URL("motifs.svg", import.meta.url)).then(async (answer) => {
  const drawings = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  drawings.setAttribute("hidden", "");
  document.body.append(drawings);
});

/** Random numbers in [0, 1) from an id (xorshift). */
function randomFrom(id) {
  const seed = Number(id) || [...id].reduce((sum, letter) => Math.imul(31, sum) + letter.codePointAt(), 7);
  let state = Math.imul(seed, 2654435761);
  return () => {
    for (const shift of [13, -17, 5]) state ^= shift < 0 ? state >>> -shift : state << shift;
    return (state >>> 0) / 2 ** 32;
  };
}

/** As large as the title allows: its longest word fits a line, and all of it the space beside the picture. */
function letterSize(title) {
  const longest = Math.max(...title.split(/[\s-]+/).map((word) => word.length));
  return within(6.2, 17, Math.min(132 / longest, 58 / Math.sqrt(title.length)));
}

let addressOf = null;

/** Says where real posters are: a function from a film's id to a promise of an address, or of null. */
export const usePosters = (address) => (addressOf = address);

class FilmPoster extends HTMLElement {
  set film(film) {
    const random = randomFrom(film.movieId);
    const oneOf = (list) => list[Math.floor(list.length * random())];
    const title = spoken(film.title);
    const own = mainGenre(film.genres);
    const motif = oneOf(MOTIFS[own] ?? MOTIFS[""]);
    const genre = random() < 0.4 ? oneOf(film.genres) ?? own : own;
    this.setAttribute("aria-hidden", "true"); // its words stand beside it as text
    Object.assign(this.dataset, { genre, look: Math.floor(LOOKS * random()), turned: random() < 0.3 });
    paint(this, { size: letterSize(title).toFixed(1), a: random(), b: random(), c: random(), d: random(), e: random() });
    Object.assign(this.dataset, { swapped: random() < 0.5, mirrored: random() < 0.5 }); // fewer twins
    const picture = s("svg", { viewBox: "0 0 200 200", preserveAspectRatio: "xMidYMid slice" }, s("use", { href: `#motif-${motif}` }));
    this.replaceChildren(picture, h("span", { class: "lettering", dir: "auto" }, title), h("span", { class: "imprint" }, yearOf(film)));
    if (addressOf) this.#cover(film.movieId);
  }

  async #cover(movieId) {
    const src = await addressOf(movieId).catch(() => null);
    if (!src) return;
    const there = () => {
      image.classList.add("there");
      URL.revokeObjectURL(src); // if it is one
    };
    const image = h("img", { alt: "", loading: "lazy", onload: there, onerror: () => image.remove(), src });
    this.append(image);
  }
}
customElements.define("film-poster", FilmPoster);

/** The poster of a film: `{movieId, title, year, genres}`. */
export const poster = (film) => Object.assign(h("film-poster"), { film });

/** A small poster, the title, and facts. */
export const inBrief = (film, ...facts) => [poster(film), h("b", { dir: "auto" }, spoken(film.title)), facts.map((words) => h("span", { class: "facts" }, words))];
