// What TMDB tells of a film, where the server asks it: what it is about, its length, its people, and where it can be watched.

import { ask, filmPath } from "../base/api.js";
import { h, put } from "../base/dom.js";
import { latest } from "../base/frame.js";
import { kept } from "../base/kept.js";
import { T, countryName, fill, homeCountry, list } from "../base/texts.js";

const OFFERS = { flatrate: T.watchFlat, free: T.watchFree, ads: T.watchAds, rent: T.watchRent, buy: T.watchBuy };

const length = (minutes) => (minutes < 60 ? fill(T.minutes, { m: minutes }) : fill(T.hours, { h: Math.floor(minutes / 60), m: minutes % 60 }));

/** Shows it in a node, unless there is nothing: of the film asked for last, in the country chosen last. */
export const showAbout = latest(async (signal, node, film, country = kept("country") || homeCountry()) => {
  const told = await ask(`${filmPath(film.movieId)}/details?country=${country}`, { signal }).catch(() => null); // the page does without
  if (!told) return;
  const choose = ({ target }) => showAbout(node, film, kept("country", target.value));
  put(node, facts(told), watch(told, choose), h("p", { class: "hint" }, T.footerTmdb));
});

function facts({ overview, runtime, directors, actors }) {
  const people = [runtime && length(runtime), directors.length && fill(T.directedBy, { names: list(directors) }), actors.length && fill(T.withCast, { names: list(actors) })];
  return [overview && h("p", { dir: "auto" }, overview), h("p", { class: "hint" }, people.filter(Boolean).join(" · "))];
}

/** Where it can be watched in a country that one chooses; with whose data that is, as TMDB and JustWatch ask. */
function watch({ country, countries, watch: offers }, choose) {
  const codes = [...new Set([...countries, ...(country ? [country] : [])])].sort((one, other) => countryName(one).localeCompare(countryName(other)));
  const select = h("select", { "aria-label": T.country, onchange: choose }, !country && h("option", { value: "" }, T.country), codes.map((code) => h("option", { value: code, selected: code === country }, countryName(code))));
  const lines = Object.entries(OFFERS).filter(([kind]) => offers?.[kind].length).map(([kind, text]) => h("p", {}, fill(text, { names: offers[kind].join(", ") })));
  const page = offers?.link && [" ", h("a", { href: offers.link, rel: "noopener", target: "_blank" }, T.watchAll)];
  return codes.length > 0 && h("section", { class: "watch" }, h("h3", {}, T.watch, " ", select), lines.length > 0 ? lines : h("p", { class: "hint" }, T.watchNone), h("p", { class: "hint" }, T.watchSource, page));
}
