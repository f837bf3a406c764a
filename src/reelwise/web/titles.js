// Films as people speak of them. MovieLens spells titles for sorting: "Matrix, The (1999)".

import { h } from "./dom.js";
import MOTIFS from "./genres.json" with { type: "json" };

const IN_BRACKETS = /(?<=.)(\s*\([^()]*\))+\s*$/; // the year, and other names
const ARTICLE = /^(.+), (The|A|An|L'|Le|La|Les|Il|Lo|Gli|El|Los|Las|Der|Die|Das|Den|Det|De|Het|Un|Une|Ein|Eine|O|Os)$/;

/** The title as people say it, without the year and without its other names. */
export const spoken = (title) =>
  title.replace(IN_BRACKETS, "").replace(ARTICLE, (_, rest, article) => (article.endsWith("'") ? article + rest : `${article} ${rest}`));

/** The title amid other words. */
export const cite = (title) => h("cite", { dir: "auto" }, spoken(title));

export const yearOf = (film) => film.year ?? "";

/** "The Matrix, 1999", to be heard or to stand in a label. */
export const label = (film) => [spoken(film.title), yearOf(film)].filter(Boolean).join(", ");

/** The genre that a film wears: the rarest says most about it, and genres.json begins with that. */
export const mainGenre = (genres) => Object.keys(MOTIFS).find((genre) => genres.includes(genre)) ?? genres[0] ?? "";
