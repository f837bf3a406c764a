// A film's page: a dialog over whatever is shown, at an address of its own.

import { ask, filmPath, known, learn, remember } from "../base/api.js";
import { byId, h, icon, paint, put } from "../base/dom.js";
import { latest, note } from "../base/frame.js";
import { T, digits, fill, number, percent, plural } from "../base/texts.js";
import { poster } from "../films/poster.js";
import { imdbName } from "../films/results.js";
import { prediction, starInput } from "../films/stars.js";
import { cite, factsOf, filmLink, label, otherNames, spoken } from "../films/titles.js";
import { hasOpinion, passes, whoAsks, wishes } from "../state/asking.js";
import { showAbout } from "./about.js";

const ALIKE = 6; // films like it that are shown
const CANDIDATES = 100; // films that the filters choose them from

const part = (title, ...inside) => inside.some(Boolean) && h("section", {}, h("h3", {}, title), inside);

/** How many ratings there are of each number of stars, as bars. */
function histogram(counts, { low, high }, film) {
  if (!counts?.length) return "";
  const [most, step] = [Math.max(...counts.map((one) => one.ratings)), Math.min(...counts.slice(1).map((one, i) => one.stars - counts[i].stars), high - low)];
  const favourite = counts.find((one) => one.ratings === most).stars;
  const words = fill(T.histogramWords, { ratings: plural(T.ratings, film.ratings), mean: digits(film.mean_stars), most: number(favourite) });
  const bars = h("div", { class: "bars" }, counts.map(({ stars, ratings }) => h("i", { title: `${number(stars)} ★: ${number(ratings)}` })));
  counts.forEach(({ stars, ratings }, i) => paint(bars.children[i], { share: ratings / most, place: 1 + Math.round((stars - low) / step) }));
  paint(bars, { places: 1 + Math.round((high - low) / step) });
  return h("div", { class: "histogram", role: "img", "aria-label": words }, bars, h("span", {}, number(low)), h("span", {}, `${number(high)} ★`));
}

/** The films that carry a recommendation, each with its share. */
const reasons = (list) => list.map(({ movieId, title, share }) => {
  const bar = h("i");
  paint(bar, { share });
  return h("li", {}, filmLink({ movieId }, {}, cite(title)), h("span", { class: "facts" }, percent(share)), bar);
});

const elsewhere = (film) => [["TMDB", film.tmdbId && `https://www.themoviedb.org/movie/${film.tmdbId}`], ["IMDb", film.imdbId && `https://www.imdb.com/title/${imdbName(film)}`]]
  .filter(([, href]) => href)
  .map(([place, href]) => h("a", { href, rel: "noopener", target: "_blank", "aria-label": fill(T.filmAt, { title: spoken(film.title), place }) }, place));

/** Gives the function that shows the film that the state names, or none. */
export function filmPage(store, mine, act) {
  const dialog = byId("film");
  let [wanted, shown] = [null, null]; // the ids of the film that is asked for, and of that in the dialog
  let model = null;

  dialog.addEventListener("close", () => store.state.film !== null && store.change({ film: null }));
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // beside it

  let drawOwn = () => {}; // shows anew what one did with the film

  /** What one can do with the film, and what one did. */
  const actions = (film) => {
    const stars = starInput(film, null, (given) => act.rate(film, given));
    const turn = (does, name, isOn, press) => {
      const made = h("button", { type: "button", class: "pill", onclick: () => press(film) }, icon(name), T[does]);
      return { made, isOn };
    };
    const turns = [
      turn("pickIt", "add", () => store.isPicked(film), act.turn),
      turn("watchlistIt", "later", () => mine.of(film.movieId).watchlist, act.watchlist),
      turn("notForMe", "dislike", () => mine.of(film.movieId).disliked, act.dislike),
    ];
    drawOwn = () => {
      stars.display(mine.of(film.movieId).stars);
      byId("film-fit").hidden = !isOpen(film.movieId);
      for (const { made, isOn } of turns) made.ariaPressed = isOn();
    };
    drawOwn();
    return [h("div", { class: "own" }, h("span", {}, T.yourStars), stars), h("div", { class: "pills" }, turns.map(({ made }) => made))];
  };

  const drawHead = (film) => {
    byId("film-title").textContent = spoken(film.title);
    const names = otherNames(film.title).join(" · ");
    put(byId("film-facts"), names && h("span", { dir: "auto" }, names), factsOf(film, film.ratings > 0 && plural(T.ratings, film.ratings), film.mean_stars !== null && fill(T.forAll, { stars: digits(film.mean_stars) })));
    put(byId("film-links"), elsewhere(film));
  };

  const drawParts = (film, mean, alike) => {
    const words = mean && prediction(mean, model.rating_scale);
    const tiles = alike?.map((one) => h("li", {}, filmLink(one, { class: "tile", "aria-label": label(one) }, poster(one))));
    put(byId("film-fit"), words && part(T.forYouTitle, h("p", { class: "fit" }, words), mean.reasons.length > 0 && [h("p", { class: "hint" }, T.carriedBy), h("ul", { class: "reasons" }, reasons(mean.reasons))]));
    put(byId("film-parts"),
      part(T.tags, film.tags?.length && h("ul", { class: "tags" }, film.tags.map((tag) => h("li", { dir: "auto" }, tag)))),
      part(T.othersGave, histogram(film.stars_distribution, model.rating_scale, film)),
      alike && part(T.moreLike, store.steered.length > 0 && h("p", { class: "hint" }, T.filtersApply), alike.length > 0 ? h("ul", { class: "tiles" }, tiles) : h("p", { class: "hint" }, T.nothingAlike)));
  };

  /** Whether the visitor has said nothing of a film, so that its stars are predicted. */
  const isOpen = (movieId) => {
    const said = mine.of(movieId);
    return !store.state.picks.includes(movieId) && !said.stars && !said.seen && !said.disliked && !said.liked;
  };

  /** Shows what is known of a film; the rest is asked for. */
  const open = (film) => {
    put(byId("film-own"), actions(film));
    for (const part of ["film-about", "film-fit", "film-parts"]) put(byId(part)); // all shown at once, when all is there
    put(byId("film-poster"), poster(film));
    drawHead(film);
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  };

  /** Asks for everything about the film that the state names. */
  const load = latest(async (signal) => {
    const { state } = store;
    const { film: movieId } = state;
    if (movieId === null) return;
    const missing = await learn([movieId], signal);
    if (missing.length) {
      store.change({ film: null }, true);
      note(fill(T.noSuchFilm, { id: movieId }));
      return;
    }
    if (movieId !== shown) open(known(movieId));
    shown = movieId;
    if (model.posters) showAbout(byId("film-about"), known(movieId)); // in its own time
    const who = whoAsks(state, mine, model.rating_scale);
    const unfiltered = { rank_by: wishes(state, model).rank_by, n: 1, only_ids: [movieId] };
    const [film, own, alike] = await Promise.all([
      ask(filmPath(movieId), { signal }),
      isOpen(movieId) && hasOpinion(state, mine) && ask("recommendations", { signal, body: { ...who, ...unfiltered } }),
      model.taste && ask(`${filmPath(movieId)}/similar?n=${CANDIDATES}`, { signal }),
    ]);
    const fits = alike && remember(alike).filter(passes(state)).filter((one) => !state.picks.includes(one.movieId) && !mine.of(one.movieId).seen && !mine.of(one.movieId).disliked);
    drawHead(film);
    drawParts(film, own && own.recommendations[0], fits && fits.slice(0, ALIKE));
    if (dialog.dataset.wanted) byId("film-parts").lastElementChild?.scrollIntoView(); // more like this
    delete dialog.dataset.wanted;
  });

  return (newest) => {
    model = newest;
    const { film: movieId } = store.state;
    if (!model) return null;
    if (movieId === wanted) return drawOwn();
    wanted = movieId;
    if (movieId === null) {
      shown = null;
      dialog.close();
    }
    return load();
  };
}
