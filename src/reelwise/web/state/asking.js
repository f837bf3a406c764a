// What the server is asked with: the picks and what is mine, sent with each request and not kept there.

import { ask, idHere, remember } from "../base/api.js";
import { fromFive } from "../films/stars.js";
import { MOST_PICKS } from "./state.js";

const ASKED = 30; // films, of which those without a reason are left out
const MOST_STARS = 2000;
export const MOST_EXCLUDED = 5000;

/** The visitor's opinions, within the server's limits. Stars count before picks, and later opinions before earlier ones. */
export function whoAsks({ picks }, mine, scale) {
  const canBeHere = (one) => idHere(one.movieId) !== null;
  const rated = mine.with("stars").filter(canBeHere);
  const idsOf = (records) => records.filter(canBeHere).map((one) => idHere(one.movieId)).filter((movieId) => !picks.includes(movieId));
  const liked = [...picks.filter((movieId) => !mine.of(movieId).stars), ...idsOf(mine.with("liked").filter((one) => !one.stars))];
  const disliked = idsOf(mine.with("disliked").filter((one) => !one.stars && !one.liked));
  const silent = mine.with("seen").filter((one) => !one.stars && !one.liked && !one.disliked);
  return {
    movie_ids: liked.slice(0, MOST_PICKS),
    stars: Object.fromEntries(rated.slice(0, MOST_STARS).map((one) => [one.movieId, fromFive(one.stars, scale)])),
    disliked_ids: disliked.slice(0, MOST_PICKS),
    exclude_ids: [...liked.slice(MOST_PICKS), ...disliked.slice(MOST_PICKS), ...idsOf([...silent, ...rated.slice(MOST_STARS)])].slice(0, MOST_EXCLUDED),
  };
}

/** Whether there is an opinion that a list can be made from. */
export const hasOpinion = ({ picks }, mine) => picks.length > 0 || mine.all.some((one) => one.stars || one.liked || one.disliked);

/** The genres of this model among some that an address names, in whatever case. */
export const genresHere = (names, { genres }) => names.map((name) => genres.find((one) => one.toLowerCase() === name.toLowerCase())).filter(Boolean);

/** The filters, in the server's words. */
export const wishes = ({ picks, film, view, genres, without_genres: without, ...steering }, model) => ({
  ...steering, genres: genresHere(genres, model), without_genres: genresHere(without, model), ...(model.taste || { rank_by: "stars" }),
});

/** The request for tonight's list, without films that have been on the watchlist since an earlier visit. */
export function askForTonight(state, mine, model) {
  const who = whoAsks(state, mine, model.rating_scale);
  const waiting = mine.with("watchlist").filter((one) => one.at < mine.since).map((one) => idHere(one.movieId)).filter((movieId) => movieId !== null);
  return { ...who, exclude_ids: [...who.exclude_ids, ...waiting].slice(0, MOST_EXCLUDED), ...wishes(state, model), n: ASKED };
}

/** Whether a film passes the filters. */
export const passes = ({ year_min: from, year_max: to, genres, without_genres: without, min_ratings: least }) => (film) =>
  (!from || film.year >= from) && (!to || (film.year && film.year <= to)) && film.ratings >= least &&
  (!genres.length || genres.some((genre) => film.genres.includes(genre))) && !without.some((genre) => film.genres.includes(genre));

/** The films of a list that are fit, with a reason unless too few have one; and how many of the films named are unknown. */
export async function fetchFilms(body, most, signal, isFit = () => true) {
  const { recommendations, unknown_ids: unknown } = await ask("recommendations", { signal, body });
  const films = remember(recommendations).filter(isFit);
  const carried = films.filter((film) => film.reasons.length > 0);
  return { films: (carried.length >= most ? carried : films).slice(0, most), unknown: unknown.length };
}
