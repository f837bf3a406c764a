// Films as people speak of them. MovieLens spells titles for sorting: "Matrix, The (1999)".

import { filmAddress } from "../base/api.js";
import { h } from "../base/dom.js";
import { genreName } from "../base/texts.js";
import MOTIFS from "./genres.json" with { type: "json" };

const IN_BRACKETS = /(?<=.)(\s*\([^()]*\))+\s*$/; // the year, and other names
const ARTICLE = /^(.+), (The|A|An|L'|Le|La|Les|Il|Lo|Gli|El|Los|Las|Der|Die|Das|Den|Det|De|Het|Un|Une|Ein|Eine|O|Os)$/;
const SHOWN = 3; // genres of a film that are named

const natural = (name) => name.replace(ARTICLE, (_, rest, article) => (article.endsWith("'") ? article + rest : `${article} ${rest}`));

/** The title as people say it, without the year and without its other names. */
export const spoken = (title) => natural(title.replace(IN_BRACKETS, ""));

/** The film's other names, as people say them. */
export const otherNames = (title) => {
  const [behind] = title.match(IN_BRACKETS) ?? [""];
  return [...behind.matchAll(/\((?:a\.k\.a\. )?([^()]*)\)/g)].map(([, name]) => natural(name)).filter((name) => !/^\d{4}(–|-|$)/.test(name));
};

/** The title amid other words. */
export const cite = (title) => h("cite", { dir: "auto" }, spoken(title));

export const yearOf = (film) => film.year ?? "";

const whole = (words) => String(words).replaceAll(" ", "\u00a0"); // lines break between facts, not within

/** "1999 · Action · Sci-Fi", and more facts where there are any. */
export const factsOf = (film, ...more) => [yearOf(film), ...film.genres.slice(0, SHOWN).map(genreName), ...more].filter(Boolean).map(whole).join("\u00a0· ");

/** "The Matrix, 1999", for a label. */
export const label = (film) => [spoken(film.title), yearOf(film)].filter(Boolean).join(", ");

/** A link to the film's own page, which opens over this one. */
export const filmLink = (film, props, ...inside) => h("a", { href: filmAddress(film.movieId), "data-film": film.movieId, ...props }, inside);

/** The genre that a poster wears: the rarest makes it most like itself, and genres.json begins with that. */
export const mainGenre = (genres) => Object.keys(MOTIFS).find((genre) => genres.includes(genre)) ?? genres[0] ?? "";
