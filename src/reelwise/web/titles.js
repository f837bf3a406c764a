// Films as people speak of them. MovieLens spells titles for sorting, "Matrix, The (1999)"; people read "The Matrix".

const YEAR = /\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$/;
const OTHER_NAMES = /^(.+?)\s*\([^()]*\)$/;
const ARTICLE = /^(.+), (The|A|An|L'|Le|La|Les|Il|Lo|Gli|El|Los|Las|Der|Die|Das|Den|Det|De|Het|Un|Une|Ein|Eine|O|Os)$/;

/** The title as people say it, without the year and without its other names. */
export function spoken(title) {
  let name = title.replace(YEAR, "").trim() || title;
  for (let found; (found = OTHER_NAMES.exec(name)); ) name = found[1];
  return name.replace(ARTICLE, (_, rest, article) => (article.endsWith("'") ? article + rest : `${article} ${rest}`));
}

export const yearOf = (film) => film.year ?? (YEAR.exec(film.title) || [])[1] ?? "";

/** "The Matrix, 1999", to be heard or to stand in a label. */
export const label = (film) => [spoken(film.title), yearOf(film)].filter(Boolean).join(", ");

// The rarest genre of a film says most about it, so the order decides which one a film wears.
const GENRES = "Film-Noir Western Musical Horror Documentary Animation Sci-Fi War Fantasy Mystery Children Children's Romance Crime Thriller Adventure Comedy Action Drama".split(" ");

/** The genre that a film wears. */
export const mainGenre = (genres) => GENRES.find((genre) => genres.includes(genre)) ?? genres[0] ?? "";
