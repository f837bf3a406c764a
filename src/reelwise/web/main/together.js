// Together: a list for several people, who name films on this phone or in a link, with how each film fits each person.

import { ask, idHere, known, learn, remember } from "../base/api.js";
import { announce, button, but, byId, h, icon, paint, put } from "../base/dom.js";
import { latest, refused, tell } from "../base/frame.js";
import { T, digits, fill, fillNodes, list, percent, plural } from "../base/texts.js";
import { cardList } from "../films/results.js";
import { fromFive } from "../films/stars.js";
import { cite, spoken } from "../films/titles.js";
import { tile } from "../films/wall.js";
import { hasOpinion, whoAsks, wishes } from "../state/asking.js";
import { LONGEST_NAME, MOST, carry, carried, company } from "../state/company.js";
import { MOST_PICKS } from "../state/state.js";

const HOW_MANY = 10;
const OFFERED = 24; // films to choose from

const dot = (place, share = 1) => {
  const made = h("i", { class: "dot", "aria-hidden": "true" });
  paint(made, { person: place, share: Math.min(1, share) });
  return made;
};

/** A person's place among all; the visitor is the first. */
const placeOf = (name) => company.others.findIndex((one) => one.name === name) + 1;

/** How a film fits each person: a dot, the fuller the better it fits, and the predicted stars; and why. */
function say(film) {
  const stars = (one) => (one.predicted_stars === null ? percent(Math.min(1, one.fit)) : `${digits(one.predicted_stars)} ★`);
  const opinion = (one) => h("span", { class: "opinion", title: fill(T.fits, { name: one.name, share: percent(Math.min(1, one.fit)) }) }, dot(placeOf(one.name), one.fit), h("bdi", {}, one.name), " ", h("b", {}, stars(one)));
  const reasons = film.members.filter((one) => one.reason).map((one) => h("span", { class: "opinion" }, fillNodes(T.becauseOf, { name: h("bdi", {}, one.name), film: cite(one.reason.title) })));
  return { fit: film.members.map(opinion), because: reasons };
}

/** What the visitor tells the others: picks, and stars, the newest first. */
const ownFilms = ({ picks }, mine) => [
  ...picks.map((movieId) => ({ movieId, stars: mine.of(movieId).stars })),
  ...mine.all.filter((one) => (one.stars || one.liked) && !picks.includes(one.movieId)).map(({ movieId, stars }) => ({ movieId, stars })),
];

/** Gives the function that shows who is there, and the list for all. `pass` shares a link. */
export function together(store, mine, act, pass) {
  const [name, people, remark, results] = ["my-name", "members", "together-remark", "together-cards"].map(byId);
  const drawCards = cardList(results, mine, act, say);
  const openGuest = guestDialog();
  let [model, answered, shown] = [null, "", []];
  name.maxLength = LONGEST_NAME;
  name.addEventListener("change", () => {
    const [own] = company.others.filter((one) => one.name === name.value.trim());
    company.name = name.value;
    if (own) goOnAs(own);
  });
  company.addEventListener("change", () => draw(model));

  act.passPhone = () => (company.others.length < MOST - 1 ? openGuest() : tell(T.tooManyPeople));
  act.invite = () => {
    const own = ownFilms(store.state, mine);
    if (!own.length && !company.others.length) return tell(T.inviteNothing);
    if (own.length && !company.name) {
      name.focus();
      return tell(T.nameFirst);
    }
    const all = [...(own.length ? [{ name: company.name, films: own }] : []), ...company.others];
    const names = list(all.map((one) => one.name));
    return pass(`${new URL("./", document.baseURI).href}#together?${carry(all)}`, fill(T.inviteText, { names }), T.copiedInvite);
  };

  /** Somebody with one's own name is oneself, on another day or device: where nothing is picked yet, takes over those picks. */
  const goOnAs = (own) => {
    const { picks } = store.state;
    const before = own && !picks.length ? own.films.filter((one) => one.stars === null).map((one) => one.movieId) : picks;
    store.change({ picks: before.slice(0, MOST_PICKS) }, true);
  };

  /** Takes in the people of a link. A visitor who has said nothing yet may be one of them, and takes no place. */
  const arrive = () => {
    const came = carried(store.carried);
    store.carried = "";
    const [own] = came.filter((one) => one.name === company.name);
    const others = but(came, own);
    const undo = others.length && company.join(others, company.name || hasOpinion(store.state, mine) ? MOST - 1 : MOST);
    const isHere = ({ name }) => company.others.some((one) => one.name === name);
    const names = (some) => ({ names: list(some.map((one) => one.name)) });
    const [joined, left] = [others.filter(isHere), others.filter((one) => !isHere(one))];
    if (others.length) tell([joined.length && fill(T.joined, names(joined)), left.length && fill(T.noRoom, names(left))].filter(Boolean).join(" "), undo);
    goOnAs(own); // and the link's people leave the address
  };

  const leave = (gone) => {
    tell(fill(T.left, { name: gone }), company.leave(gone));
    byId("pass-phone").focus();
  };
  const member = (one, i) => h("li", {}, dot(i), h("b", { dir: "auto" }, one.name), h("span", { class: "facts" }, plural(T.filmsOf, one.films.length)),
    button("quiet", fill(T.changeFilms, { name: one.name }), () => openGuest(one), T.change),
    button("act", fill(T.leaveOut, { name: one.name }), () => leave(one.name), icon("dislike")));

  const drawPeople = () => {
    const own = ownFilms(store.state, mine).length;
    if (name !== document.activeElement) name.value = company.name;
    put(byId("my-films"), own ? plural(T.filmsOf, own) : h("a", { href: "#pick" }, T.pickSome));
    for (const other of [...people.children].slice(1)) other.remove();
    people.append(...company.others.map((one, i) => member(one, i + 1)));
  };

  const asMember = ({ name, films }) => {
    const here = films.map((one) => ({ ...one, movieId: idHere(one.movieId) })).filter((one) => one.movieId !== null);
    const stars = here.filter((one) => one.stars).map((one) => [one.movieId, fromFive(one.stars, model.rating_scale)]);
    return { name, movie_ids: here.filter((one) => !one.stars).map((one) => one.movieId).slice(0, MOST_PICKS), stars: Object.fromEntries(stars) };
  };

  const strange = (name) => company.others.find((one) => one.name === name)?.films.filter((one) => idHere(one.movieId) === null).length ?? 0;
  const unknown = ({ name, unknown_ids: ids }) => [ids.length + strange(name)].filter(Boolean).map((n) => plural(T.unknownOf, n, { name }));
  const remarks = (answer, isThere) => [
    !isThere && T.togetherYou,
    !answer.recommendations.length && T.nothingPasses,
    store.steered.length > 0 && T.filtersApply,
    ...answer.members.flatMap(unknown),
  ].filter(Boolean).join(" ");

  const clear = (words) => {
    [answered, shown] = ["", []];
    put(results);
    remark.textContent = words;
  };

  const draw = latest(async (signal, newest) => {
    model = newest;
    if (!model) return;
    if (store.carried) arrive();
    drawPeople();
    const who = whoAsks(store.state, mine, model.rating_scale);
    const own = hasOpinion(store.state, mine) && { name: company.name || T.you, movie_ids: who.movie_ids, stars: who.stars, disliked_ids: who.disliked_ids };
    const others = company.others.map(asMember);
    const members = [own, ...others].filter((one) => one && (one.movie_ids.length || Object.keys(one.stars).length || one.disliked_ids?.length));
    if (members.length < 2) return clear(company.others.length ? T.togetherYou : T.togetherAlone);
    if (members.length > MOST) return clear(T.oneTooMany);
    const wanted = JSON.stringify({ ...wishes(store.state, model), n: HOW_MANY, exclude_ids: who.exclude_ids, members });
    if (wanted === answered) return drawCards(shown, model.rating_scale);
    const answer = await ask("groups/recommendations", { signal, body: JSON.parse(wanted) });
    [answered, shown] = [wanted, remember(answer.recommendations)];
    remark.textContent = remarks(answer, own);
    drawCards(shown, model.rating_scale);
  });
  return draw;
}

/** Gives the function that opens the dialog in which a person gives a name and films. */
function guestDialog() {
  const [dialog, form, name, tiles, status] = ["guest", "guest-form", "guest-name", "guest-tiles", "guest-status"].map(byId);
  let films = new Map(); // the pressed ones
  let before = null;

  const draw = () => {
    for (const li of tiles.children) li.firstChild.ariaPressed = films.has(li.dataset.id);
    status.textContent = plural(T.trayPicked, films.size);
  };
  const turn = (film) => {
    const id = String(film.movieId);
    if (!films.delete(id) && films.size < MOST_PICKS) films.set(id, { movieId: film.movieId, stars: null });
    draw();
  };
  const placed = (film) => {
    const made = tile(film, "seen", () => turn(film));
    made.dataset.id = film.movieId;
    return made;
  };
  const has = (film) => films.has(String(film.movieId));
  byId("guest-cancel").addEventListener("click", () => dialog.close());
  Object.assign(byId("guest-search"), {
    store: { isPicked: has },
    act: {
      add(film) {
        const there = [...tiles.children].find((li) => li.dataset.id === String(film.movieId));
        tiles.prepend(there ?? placed(film));
        turn(film);
        announce(fill(T.picked, { title: spoken(film.title) }));
      },
    },
  });

  form.addEventListener("submit", (event) => {
    const said = name.value.trim();
    const isTaken = said !== before?.name && [company.name || T.you, ...company.others.map((one) => one.name)].includes(said);
    name.setCustomValidity(isTaken ? T.guestTaken : "");
    status.textContent = films.size ? "" : T.guestFew;
    if (!name.reportValidity() || !films.size) return event.preventDefault();
    if (before && before.name !== said) company.leave(before.name);
    company.join([{ name: said, films: [...films.values()] }]);
  });
  name.addEventListener("input", () => name.setCustomValidity(""));

  return async (person = null) => {
    before = person;
    films = new Map(person?.films.map((one) => [String(one.movieId), one]));
    name.value = person?.name ?? "";
    name.maxLength = LONGEST_NAME;
    put(tiles);
    dialog.showModal();
    draw();
    try {
      const own = (person?.films ?? []).slice(0, OFFERED).map((one) => one.movieId);
      const [starter] = await Promise.all([ask(`movies/starter?n=${OFFERED}`), learn(own)]);
      const offered = [...own.map(known).filter(Boolean), ...remember(starter).filter((film) => !own.includes(film.movieId))];
      put(tiles, offered.map(placed));
      draw();
    } catch (refusal) {
      dialog.close();
      refused(refusal, () => {});
    }
  };
}
