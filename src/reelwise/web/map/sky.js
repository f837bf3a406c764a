// The canvas of the map, drawn at most once a frame; it can be dragged, zoomed and walked with keys.

import { byId, calm, h, within } from "../base/dom.js";
import { isDark } from "../base/frame.js";
import { spoken } from "../films/titles.js";

const MARGIN = 28; // pixels around all films
const CLOSEST = 60; // the largest zoom
const NEARER = 1.8; // times, with each press
const CLOSE = 5; // the zoom at which a single film is shown
const REACH = { mouse: 16, touch: 26 }; // pixels within which a pointer means a film
const GLOW = 64; // pixels of the picture of a point
const HOME = { k: 1, x: 0, y: 0 }; // a place (x, y) of the picture is seen at k·x + view.x, k·y + view.y
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const KEYS = { "+": "zoomIn", "-": "zoomOut", 0: "zoomAll" };
const LINE = 22; // characters of a region's name in one line

const [canvas, legend, title] = ["sky", "legend", "map-title"].map(byId);
const pen = canvas.getContext("2d");
const glows = new Map(); // pictures of points, by genre and theme
let [films, regions] = [[], []]; // the best known first
let tell = {}; // callbacks, see unfold()
let view = HOME;
let [width, height] = [0, 0];
let [picks, results, own] = [[], [], []]; // films; own are the picks and what the visitor rated
let pointed = null; // a film
let only = null; // the genre in the spotlight
let frame = 0; // the one requested
let flight = 0; // the next step of one
let turn = -1; // of the lit films, the one shown last

/** Where on the canvas something on the map is seen. */
export const seen = ({ x, y }) => [x * view.k + view.x, y * view.k + view.y];

const lit = () => [...picks, ...results];
const hidden = (film) => only !== null && film.genre !== only;

function redraw() {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(drawAll);
}

function measure() {
  ({ clientWidth: width, clientHeight: height } = canvas.parentElement); // whole pixels, or text blurs
  const sharp = Math.min(2, devicePixelRatio);
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  Object.assign(canvas, { width: width * sharp, height: height * sharp });
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  for (const one of [...films, ...regions]) {
    one.x = MARGIN + one.u * (width - 2 * MARGIN);
    one.y = MARGIN + one.v * (height - 2 * MARGIN);
  }
  canvas.parentElement.ariaBusy = "false";
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
  const { fontFamily: serif } = getComputedStyle(title);
  const bright = new Set(lit());
  const scale = Math.sqrt(view.k) * within(0.55, 1, width / 900);
  pen.clearRect(0, 0, width, height);
  pen.globalCompositeOperation = isDark() ? "lighter" : "multiply";
  for (const film of films.toReversed()) {
    const [x, y] = seen(film);
    const size = film.size * scale * (bright.has(film) ? 1.5 : 1);
    pen.globalAlpha = hidden(film) ? 0.08 : film.light * (only || !bright.size || bright.has(film) ? 1 : 0.55);
    pen.drawImage(glow(film.genre), x - size, y - size, 2 * size, 2 * size);
  }
  pen.globalAlpha = 1;
  pen.globalCompositeOperation = "source-over";
  own.forEach((film) => circle(film, 3, accent, true));
  results.forEach((film) => circle(film, 8, ink));
  picks.forEach((film) => [5, 10].forEach((size) => circle(film, size, accent, size === 5)));
  if (pointed) circle(pointed, 12, ink);
  const [taken, style] = [[], { ink, accent, sky, plain, serif }]; // places taken by words, and how words look
  const first = [pointed, ...lit()].filter(Boolean);
  nameFilms(first, Infinity, taken, style);
  nameRegions(taken, style);
  nameFilms(films, taken.length + (12 + 12 * Math.log2(view.k)) * Math.min(1, width / 900), taken, style);
  tell.drawn();
}

function circle(film, size, colour, full = false) {
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 1.6;
  pen.beginPath();
  pen.arc(...seen(film), size, 0, 7);
  pen[full ? "fill" : "stroke"]();
}

const crosses = (one, other) => one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;

function write(words, x, y, colour) {
  pen.strokeText(words, x, y);
  pen.fillStyle = colour;
  pen.fillText(words, x, y);
}

// The names of regions stand over the whole map, and fade as one goes nearer.
function nameRegions(taken, { ink, sky, serif }) {
  const alpha = within(0, 1, 2.4 - view.k) * 0.85;
  if (!alpha || only !== null) return;
  const letters = within(14, 21, width / 50);
  Object.assign(pen, { lineJoin: "round", lineWidth: 5, strokeStyle: sky, textAlign: "center", font: `italic 400 ${letters}px ${serif}`, globalAlpha: alpha });
  for (const region of regions) {
    const most = region.name.length / Math.ceil(region.name.length / LINE) + 3; // lines of about the same length
    const lines = region.name.split(" ").reduce((made, word) => ((made.at(-1) + word).length < most ? [...made.slice(0, -1), `${made.at(-1)} ${word}`.trim()] : [...made, word]), [""]).filter(Boolean);
    const wide = Math.max(...lines.map((line) => pen.measureText(line).width)) / 2;
    const [x, y] = seen(region);
    const middle = within(wide + 8, width - wide - 8, x);
    const place = { left: middle - wide - 10, right: middle + wide + 10, top: y - letters * 1.1, bottom: y + letters * 1.15 * (lines.length - 1) + letters * 0.5 };
    if (place.top < 0 || place.bottom > height || taken.some((other) => crosses(place, other))) continue;
    taken.push(place);
    lines.forEach((line, i) => write(line, middle, y + i * letters * 1.15, ink));
  }
  Object.assign(pen, { globalAlpha: 1, textAlign: "start" });
}

// The titles of films, in their order, of those in view, while there is room.
function nameFilms(named, room, taken, { ink, accent, sky, plain, serif }) {
  Object.assign(pen, { lineJoin: "round", lineWidth: 4, strokeStyle: sky });
  for (const film of named) {
    const [x, y] = seen(film);
    if (taken.length > room) break;
    if (x < 0 || y < 12 || x > width || y > height - 6 || hidden(film)) continue;
    const pick = picks.includes(film);
    pen.font = pick ? `600 15px ${serif}` : `12.5px ${plain}`;
    const words = (film.words ??= spoken(film.title).replace(/^(.{38}).{4,}$/, "$1…"));
    const wide = pen.measureText(words).width;
    const left = x + 20 + wide > width ? x - 14 - wide : x + 14;
    const place = { left: left - 8, right: left + wide, top: y - 9, bottom: y + 9 };
    if (left < 4 || taken.some((other) => crosses(place, other))) continue;
    taken.push(place);
    write(words, left, y + 4.5, pick ? accent : ink);
  }
}

/** The film nearest to a place on the screen, within reach of what points. */
function under([x, y], pointer) {
  let [best, least] = [null, REACH[pointer] ?? REACH.mouse];
  for (const film of films) {
    const [filmX, filmY] = seen(film);
    const distance = Math.hypot(filmX - x, filmY - y);
    if (distance < least && !hidden(film)) [best, least] = [film, distance];
  }
  return best;
}

/** Points at a film, or at none. */
export function point(film) {
  if (film === pointed) return;
  pointed = film;
  canvas.classList.toggle("pointing", film !== null);
  tell.pointed(film);
  redraw();
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

/** Flies to a view, and points at a film there, or at none. */
function fly(goal, film = null) {
  const [start, from] = [performance.now(), view];
  cancelAnimationFrame(flight);
  const step = (now) => {
    const part = calm.matches ? 1 : within(0, 1, (now - start) / 380);
    const between = (name) => from[name] + (goal[name] - from[name]) * (1 - (1 - part) ** 3);
    hold({ k: between("k"), x: between("x"), y: between("y") });
    if (part < 1) flight = requestAnimationFrame(step);
  };
  point(film);
  step(start);
}

/** The view with a film in its middle. */
const centred = ({ x, y }, k) => ({ k, x: width / 2 - k * x, y: height / 2 - k * y });

/** Nearer or farther by a factor; a film that is pointed at stays where it is. */
const zoom = (factor) => fly(zoomed(factor, ...(pointed ? seen(pointed) : [])), pointed);

export const tools = {
  zoomIn: () => zoom(NEARER),
  zoomOut: () => zoom(1 / NEARER),
  zoomAll: () => fly(HOME),
  /** Goes to the next of the visitor's own films and of the list. */
  zoomMine() {
    const mine = [...own, ...results];
    turn = (turn + 1) % mine.length;
    const film = mine[turn];
    fly(centred(film, Math.max(CLOSE, view.k)), film);
    tell.reached(film, turn + 1, mine.length);
  },
};

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
  if (!old) return point(under(now, event.pointerType));
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
  if (event.type === "pointerup" && moved < 6) tell.pressed(under(place(event), event.pointerType));
});
on("pointerleave blur", () => point(null));
on("wheel", (event) => {
  if (!event.ctrlKey && document.activeElement !== canvas) return; // the page scrolls
  event.preventDefault();
  hold(zoomed(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), ...place(event)));
}, { passive: false });
on("keydown", (event) => {
  if (WAYS[event.key]) step(WAYS[event.key]);
  else if (KEYS[event.key]) tools[KEYS[event.key]]();
  else if (event.key === "Enter" && pointed) tell.pressed(pointed);
  else return;
  event.preventDefault();
});

/** Goes to the nearest well-known film in a direction; sideways costs double. */
function step([dx, dy]) {
  const [x, y] = pointed ? seen(pointed) : [width / 2, height / 2];
  const cost = (film) => {
    const [fx, fy] = seen(film);
    const [ahead, aside] = [(fx - x) * dx + (fy - y) * dy, (fx - x) * dy + (fy - y) * dx];
    return ahead > 2 ? ahead + 2 * Math.abs(aside) : Infinity;
  };
  const near = films.filter((film) => !hidden(film)).slice(0, 150 * view.k);
  const next = near.reduce((best, film) => (cost(film) < cost(best) ? film : best), pointed ?? near[0]);
  const [nx, ny] = seen(next);
  if (nx < 20 || ny < 20 || nx > width - 20 || ny > height - 20) hold({ ...view, x: view.x + width / 2 - nx, y: view.y + height / 2 - ny });
  point(next);
  tell.reached(next);
}

/** Brings the films of one genre out, or all. */
export function spotlight(genre) {
  only = genre;
  redraw();
}

/** Lights the picks, the list for tonight, and marks the visitor's own films with a dot. */
export function light(itsPicks, itsResults, itsOwn) {
  [picks, results, own] = [itsPicks, itsResults, itsOwn];
  redraw();
}

/**
 * Shows films and regions, each with its place (u, v) from 0 to 1. `told` has the callbacks: `pointed(film)`, with null for none;
 * `pressed(film)`; `reached(film)` by keys, or `(film, n, of)` in turn; `drawn()`.
 */
export function unfold(itsFilms, itsRegions, told) {
  [films, regions, tell] = [itsFilms, itsRegions, told];
  new ResizeObserver(measure).observe(canvas.parentElement);
  addEventListener("theme", redraw);
  document.fonts.addEventListener("loadingdone", redraw);
}
