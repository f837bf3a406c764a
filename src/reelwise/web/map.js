// The map of films: one canvas, drawn at most once a frame. Near means liked by the same people.

import { ask } from "./api.js";
import { announce, byId, calm, h, paint, pill, put, within } from "./dom.js";
import { isDark } from "./frame.js";
import { inBrief } from "./poster.js";
import { T, fill, number, plural } from "./texts.js";
import { label, spoken, yearOf } from "./titles.js";

const MARGIN = 28; // pixels around all films
const CLOSEST = 60; // the largest zoom
const NEARER = 1.8; // times, with each press
const REACH = 16; // pixels within which the pointer means a film
const GLOW = 64; // pixels of the picture of a point
const HOME = { k: 1, x: 0, y: 0 }; // a place (x, y) of the picture is seen at k·x + view.x, k·y + view.y
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const KEYS = { "+": "zoomIn", "-": "zoomOut", 0: "zoomAll" };

let [store, act] = [];
const [canvas, card, legend] = ["sky", "map-card", "legend"].map(byId);
const pen = canvas.getContext("2d");
const glows = new Map(); // pictures of points, by genre and theme
let films = []; // the best known first
let view = HOME;
let [width, height] = [0, 0];
let [picks, results] = [[], []]; // films
let pointed = null; // a film
let only = null; // the genre in the spotlight
let frame = 0; // that is asked for

const seen = (film) => [film.x * view.k + view.x, film.y * view.k + view.y];
const lit = () => [...picks, ...results];
const hidden = (film) => only !== null && film.genre !== only;

function redraw() {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(drawAll);
}

function measure() {
  ({ clientWidth: width, clientHeight: height } = canvas.parentElement); // whole, or letters blur
  const sharp = Math.min(2, devicePixelRatio);
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  Object.assign(canvas, { width: width * sharp, height: height * sharp });
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  for (const film of films) {
    film.x = MARGIN + film.u * (width - 2 * MARGIN);
    film.y = MARGIN + film.v * (height - 2 * MARGIN);
  }
  hold(view);
}

/** The picture of a point: its genre's colour in the legend, with a glow. */
function glow(genre) {
  const key = genre + isDark();
  if (glows.has(key)) return glows.get(key);
  const made = h("canvas", { width: GLOW, height: GLOW });
  const [brush, half] = [made.getContext("2d"), GLOW / 2];
  const fade = brush.createRadialGradient(half, half, 0, half, half, half);
  const { backgroundColor: colour } = getComputedStyle(legend.querySelector(`[data-genre="${CSS.escape(genre)}"] i`));
  [[0, 100], [0.2, 100], [0.26, 42], [0.5, 12], [1, 0]].forEach(([at, part]) => fade.addColorStop(at, `color-mix(in srgb, ${colour} ${part}%, transparent)`));
  brush.fillStyle = fade;
  brush.fillRect(0, 0, GLOW, GLOW);
  glows.set(key, made);
  return made;
}

function drawAll() {
  const { color: ink, caretColor: accent, backgroundColor: sky, fontFamily: plain } = getComputedStyle(canvas);
  const bright = new Set(lit());
  const scale = Math.sqrt(view.k) * within(0.55, 1, width / 900);
  pen.clearRect(0, 0, width, height);
  pen.globalCompositeOperation = isDark() ? "lighter" : "multiply";
  for (const film of films.toReversed()) {
    const [x, y] = seen(film);
    const size = film.size * scale * (bright.has(film) ? 1.5 : 1);
    pen.globalAlpha = hidden(film) ? 0.08 : only || !bright.size || bright.has(film) ? 1 : 0.55;
    pen.drawImage(glow(film.genre), x - size, y - size, 2 * size, 2 * size);
  }
  pen.globalAlpha = 1;
  pen.globalCompositeOperation = "source-over";
  results.forEach((film) => circle(film, 8, ink));
  picks.forEach((film) => [5, 10].forEach((size) => circle(film, size, accent, size === 5)));
  if (pointed) circle(pointed, 12, ink);
  write({ ink, accent, sky, plain, serif: getComputedStyle(byId("map-title")).fontFamily });
}

function circle(film, size, colour, full = false) {
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 1.6;
  pen.beginPath();
  pen.arc(...seen(film), size, 0, 7);
  pen[full ? "fill" : "stroke"]();
}

// Titles of the picks and the list first, then of the best known films in view, while there is room.
function write({ ink, accent, sky, plain, serif }) {
  const taken = [];
  const first = [pointed, ...lit()].filter(Boolean);
  const room = first.length + (12 + 12 * Math.log2(view.k)) * Math.min(1, width / 900);
  Object.assign(pen, { lineJoin: "round", lineWidth: 4, strokeStyle: sky });
  for (const film of [...first, ...films]) {
    const [x, y] = seen(film);
    if (taken.length > room) break;
    if (x < 0 || y < 12 || x > width || y > height - 6 || hidden(film)) continue;
    const pick = picks.includes(film);
    pen.font = pick ? `600 15px ${serif}` : `12.5px ${plain}`;
    const words = (film.words ??= spoken(film.title).replace(/^(.{38}).{4,}$/, "$1…"));
    const wide = pen.measureText(words).width;
    const left = x + 20 + wide > width ? x - 14 - wide : x + 14;
    const crosses = (other) => left - 8 < other.right && left + wide + 8 > other.left && Math.abs(y - other.y) < 19;
    if (left < 4 || taken.some(crosses)) continue;
    taken.push({ left, right: left + wide, y });
    pen.strokeText(words, left, y + 4.5);
    pen.fillStyle = pick ? accent : ink;
    pen.fillText(words, left, y + 4.5);
  }
}

/** The film nearest to a place on the screen, within reach. */
function under(x, y) {
  let [best, least] = [null, REACH];
  for (const film of films) {
    const [filmX, filmY] = seen(film);
    const distance = Math.hypot(filmX - x, filmY - y);
    if (distance < least && !hidden(film)) [best, least] = [film, distance];
  }
  return best;
}

function point(film) {
  if (film === pointed) return;
  pointed = film;
  card.hidden = !film;
  canvas.classList.toggle("pointing", film !== null);
  redraw();
  if (!film) return;
  const [x, y] = seen(film);
  const role = picks.includes(film) ? T.mapPicked : results.includes(film) ? T.mapRecommended : film.genre;
  put(card, inBrief(film, `${yearOf(film)} · ${role}`, plural(T.ratings, film.ratings)));
  paint(card, { x: `${x}px`, y: `${y}px`, aside: x > width / 2 ? "calc(-100% - 20px)" : "20px" });
}

/** Takes a view, but none beyond the picture. */
function hold({ k, x, y }) {
  view = { k, x: within(width * (1 - k), 0, x), y: within(height * (1 - k), 0, y) };
  canvas.classList.toggle("zoomed", k > 1.02);
  redraw();
}

/** The view that is nearer by a factor and keeps a place where it is. */
function zoomed(factor, x = width / 2, y = height / 2) {
  const k = within(1, CLOSEST, view.k * factor);
  return { k, x: x - ((x - view.x) * k) / view.k, y: y - ((y - view.y) * k) / view.k };
}

function fly(goal) {
  const [start, from] = [performance.now(), view];
  const step = (now) => {
    const part = calm.matches ? 1 : within(0, 1, (now - start) / 380);
    const between = (name) => from[name] + (goal[name] - from[name]) * (1 - (1 - part) ** 3);
    hold({ k: between("k"), x: between("x"), y: between("y") });
    if (part < 1) requestAnimationFrame(step);
  };
  point(null);
  step(start);
}

/** The view with all lit films in it. */
function around() {
  const [xs, ys] = ["x", "y"].map((axis) => lit().map((film) => film[axis]));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const k = Math.min(12, width / (right - left + 160), height / (bottom - top + 90));
  return k > 1 ? { k, x: (width - k * (left + right)) / 2, y: (height - k * (top + bottom)) / 2 } : HOME;
}

const fingers = new Map();
let moved = 0; // pixels since the first finger came down
const on = (kinds, does, options) => kinds.split(" ").forEach((kind) => canvas.addEventListener(kind, does, options));
const place = (event) => [event.offsetX, event.offsetY];

on("pointerdown", (event) => {
  if (!fingers.size) moved = 0;
  fingers.set(event.pointerId, place(event));
  canvas.setPointerCapture(event.pointerId);
});
on("pointermove", (event) => {
  const [old, now] = [fingers.get(event.pointerId), place(event)];
  if (!old) return point(under(...now));
  moved += Math.hypot(now[0] - old[0], now[1] - old[1]);
  fingers.set(event.pointerId, now);
  const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
  if (moved > 5) point(null);
  if (!other) return hold({ ...view, x: view.x + now[0] - old[0], y: view.y + now[1] - old[1] });
  const apart = (end) => Math.max(20, Math.hypot(end[0] - other[0], end[1] - other[1]));
  return hold(zoomed(apart(now) / apart(old), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2));
});
on("pointerup pointercancel", (event) => {
  fingers.delete(event.pointerId);
  const film = event.type === "pointerup" && moved < 6 && under(...place(event));
  if (film) act.turn(film);
});
on("pointerleave blur", () => point(null));
on("wheel", (event) => {
  if (!event.ctrlKey && document.activeElement !== canvas) return; // the page scrolls
  event.preventDefault();
  hold(zoomed(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), ...place(event)));
}, { passive: false });
on("keydown", (event) => {
  if (WAYS[event.key]) step(WAYS[event.key]);
  else if (KEYS[event.key]) act[KEYS[event.key]]();
  else if (event.key === "Enter" && pointed) act.turn(pointed);
  else return;
  event.preventDefault();
});

/** To the nearest well-known film in a direction; sideways costs double. */
function step([dx, dy]) {
  const [x, y] = pointed ? seen(pointed) : [width / 2, height / 2];
  const cost = (film) => {
    const [fx, fy] = seen(film);
    const [ahead, aside] = [(fx - x) * dx + (fy - y) * dy, (fx - x) * dy + (fy - y) * dx];
    return ahead > 2 ? ahead + 2 * Math.abs(aside) : Infinity;
  };
  const next = films.slice(0, 150 * view.k).reduce((best, film) => (cost(film) < cost(best) ? film : best), pointed ?? films[0]);
  const [nx, ny] = seen(next);
  if (nx < 20 || ny < 20 || nx > width - 20 || ny > height - 20) hold({ ...view, x: view.x + width / 2 - nx, y: view.y + height / 2 - ny });
  point(next);
  announce(label(next));
}

/** The genres, most films first; a press lights one. */
function drawLegend() {
  const genres = Object.entries(Object.groupBy(films, (film) => film.genre)).sort((a, b) => b[1].length - a[1].length);
  const choose = (genre) => {
    only = only === genre ? null : genre;
    for (const one of legend.children) one.ariaPressed = one.dataset.genre === only;
    redraw();
  };
  put(legend, genres.map(([genre]) => pill(genre, () => choose(genre), h("i"))));
  choose(null);
}

/** Fetches the films and shows the section, for a page with this state and these acts. */
export async function unfold(itsStore, itsActs) {
  if (films.length) return;
  [store, act] = [itsStore, itsActs];
  const map = await ask("movies/map?n=10000");
  const spread = (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return values.map((value) => (value - low) / (high - low || 1));
  };
  const [us, vs, most] = [spread(map.x), spread(map.y), Math.log(2 + Math.max(...map.ratings))];
  const room = within(1, 1.7, (3000 / us.length) ** 0.25); // the fewer films, the larger
  const size = (ratings) => room * (3.5 + 13 * (Math.log(2 + ratings) / most) ** 3);
  films = map.movie_ids.map((movieId, i) => ({
    movieId, title: map.titles[i], year: map.years[i], genre: map.genres[i] || T.otherGenre, genres: [map.genres[i] ?? ""],
    ratings: map.ratings[i], size: size(map.ratings[i]), u: us[i], v: vs[i],
  }));
  byId("map-lead").textContent = fill(T.mapLead, { n: number(films.length) });
  byId("map").hidden = false;
  drawLegend();
  new ResizeObserver(measure).observe(canvas.parentElement);
  addEventListener("theme", redraw);
  Object.assign(act, { zoomIn: () => fly(zoomed(NEARER)), zoomOut: () => fly(zoomed(1 / NEARER)), zoomAll: () => fly(HOME), zoomMine: () => fly(around()) });
}

/** Lights the picks and the films that are given. */
export function light(list) {
  [picks, results] = [store.state.picks, list.map((film) => film.movieId)].map((ids) => films.filter((film) => ids.includes(film.movieId)));
  redraw();
}
