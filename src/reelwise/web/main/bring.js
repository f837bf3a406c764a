// Bring your ratings: reads a file of a film site, or one saved here, shows what of it is found, and keeps that.

import { ask, remember } from "../base/api.js";
import { byId, h, put } from "../base/dom.js";
import { T, fill, plural } from "../base/texts.js";
import { toFive } from "../films/stars.js";
import { spoken } from "../films/titles.js";
import { readFile } from "../state/mine.js";

const MOST_BYTES = 8 << 20; // that the server takes
const RESOLVED = 200; // films that the server looks up at once
const LARGEST_NUMBER = 10 ** 10; // of an id at IMDb or TMDB
const LONGEST_TITLE = 200;
const YEARS = [1800, 2200];
const LISTED = 200; // titles not found that are named

const whole = (value, low, high) => (Number.isInteger(value) && value >= low && value <= high ? value : null);

/** How a film is looked up: by its numbers elsewhere, or else its title. */
const description = ({ imdbId, tmdbId, title, year }) => ({
  imdbId: whole(imdbId, 1, LARGEST_NUMBER), tmdbId: whole(tmdbId, 1, LARGEST_NUMBER), title: title.slice(0, LONGEST_TITLE) || "?", year: whole(year, ...YEARS),
});

/** The server's films for these, in order, undefined where it has none; asked for part by part, because it refuses many requests at once. */
async function lookUp(films) {
  const found = [];
  while (found.length < films.length) {
    const part = films.slice(found.length, found.length + RESOLVED);
    const { movies } = await ask("movies/resolve", { body: { movies: part.map(description) } });
    const isSame = ({ movieId, title }) => (film) => film.movieId === movieId && film.title === title;
    found.push(...movies.map(({ film, nearest }, i) => film ?? nearest.find(isSame(part[i]))));
    remember(found.slice(-part.length).filter(Boolean));
  }
  return found;
}

/** What this server has of a saved file, which may be another server's, with other ids. */
async function atHome(saved) {
  const films = await lookUp(saved);
  return {
    matched: saved.flatMap((record, i) => (films[i] ? { ...record, ...films[i] } : [])),
    unknown: saved.filter((_, i) => !films[i]).map((record) => ({ ...record, title: spoken(record.title) })),
    ambiguous: [], not_films: [], unreadable: [], notes: [], isSaved: true,
  };
}

const called = ({ title, year }) => (year ? `${title} (${year})` : title);
const yearIn = (title) => Number(title.match(/\((\d{4})\)\s*$/)?.[1]) || null;

/** Wires the box that files are dropped on. `kept` is called with the number of films kept, and the way back. */
export function bringing(mine, kept) {
  const [box, input, report] = ["bring", "bring-file", "bring-report"].map(byId);
  let model = null;

  const say = (text) => put(report, h("p", {}, text));
  const keep = async (records) => {
    if (!records.length) return say(T.broughtNothing);
    await lookUp(records.filter((one) => !one.genres)).catch(() => []); // without genres posters are plain
    put(report);
    return kept(records.length, mine.bring(records));
  };

  /** A film with what the file says of it, as it is kept here. */
  const record = ({ movieId, title, stars, kinds, when }) => {
    const says = (...some) => some.some((kind) => kinds.includes(kind));
    const seen = says("rating", "watched", "like", "dislike");
    return {
      movieId, title, year: yearIn(title), at: Date.parse(when) || Date.now(), stars: stars === null ? null : toFive(stars, model.rating_scale),
      seen, liked: says("like"), disliked: says("dislike"), watchlist: !seen && says("watchlist"),
    };
  };

  /** The films of an answer of which something is said, with those chosen where a title may mean several. */
  const records = ({ matched, ambiguous, isSaved }, chosen) => {
    if (isSaved) return matched;
    const picked = ambiguous.map((row, i) => ({ ...row, ...row.candidates.find((one) => String(one.movieId) === chosen[i]) }));
    return [...matched, ...picked.filter((row) => row.movieId !== undefined)].map(record).filter((one) => one.stars || one.seen || one.watchlist);
  };

  const choice = (row) => h("li", {}, h("label", {}, called(row), h("select", {},
    h("option", { value: "" }, T.noneOfThese), row.candidates.map((film) => h("option", { value: film.movieId }, spoken(film.title), ` ${yearIn(film.title) ?? ""}`)))));

  const show = (answer) => {
    const { matched, ambiguous, unknown, not_films: others, catalogue_ends: newest, notes, unreadable } = answer;
    const newer = unknown.filter(({ year }) => newest && year > newest).length;
    const choices = ambiguous.map(choice);
    const found = () => records(answer, choices.map((one) => one.querySelector("select").value));
    const take = h("button", { type: "button", class: "button", onclick: () => keep(found()) }, T.broughtKeep);
    const weigh = () => (take.disabled = !found().length);
    weigh();
    put(report,
      h("h3", {}, fill(T.broughtFound, { found: matched.length, all: matched.length + ambiguous.length + unknown.length })),
      newer > 0 && h("p", {}, plural(T.broughtNewer, newer, { year: newest })),
      others.length > 0 && h("p", {}, plural(T.broughtOthers, others.length)),
      unreadable.length > 0 && h("p", {}, plural(T.broughtUnreadable, unreadable.length, { lines: unreadable.slice(0, 5).map((one) => one.line).join(", ") })),
      notes.map((note) => h("p", { class: "hint" }, note)),
      choices.length > 0 && [h("h4", {}, T.broughtAmbiguous), h("ul", { class: "choices", onchange: weigh }, choices)],
      take.disabled && !choices.length && h("p", {}, T.broughtNothing),
      unknown.length > 0 && h("details", {}, h("summary", {}, plural(T.broughtUnknown, unknown.length)), h("p", { class: "hint" }, unknown.slice(0, LISTED).map(called).join(" · "))),
      h("div", { class: "buttons" },
        h("button", { type: "button", class: "quiet", onclick: () => put(report) }, T.keyCancel),
        take));
  };

  const take = async (file) => {
    if (!file) return null;
    input.value = ""; // so that the same file can be chosen again
    if (file.size > MOST_BYTES) return say(T.fileTooLarge);
    say(T.fileReading);
    try {
      const saved = file.name.endsWith(".zip") ? null : readFile(await file.text());
      if (!saved) return show(await ask(`histories?name=${encodeURIComponent(file.name.slice(-200))}`, { body: file }));
      const found = await atHome(saved);
      return found.unknown.length ? show({ ...found, catalogue_ends: model.catalogue_ends }) : await keep(found.matched);
    } catch (error) {
      if (error instanceof RangeError) return say(error.message === "0" ? T.fileDamaged : fill(T.fileDamagedAt, { n: error.message }));
      if (error.kind) return say(error.message ? [T.fileRefused, " ", h("span", { lang: "en" }, error.message)] : T.problems[error.kind]);
      throw error;
    }
  };

  input.addEventListener("change", () => take(input.files[0]));
  const over = (isOver) => (event) => {
    event.preventDefault();
    box.classList.toggle("over", isOver);
  };
  box.addEventListener("dragover", over(true));
  box.addEventListener("dragleave", over(false));
  box.addEventListener("drop", (event) => {
    over(false)(event);
    take(event.dataTransfer.files[0]);
  });
  return (newest) => {
    const isFirst = model === null;
    model = newest;
    if (isFirst) take(input.files[0]); // chosen before this part of the page was there
  };
}
