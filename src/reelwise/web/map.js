// The map of films: one canvas, drawn at most once a frame. Near means liked by the same people.

import { ask } from "./api.js";
import { announce, byId, calm, h, paint, put } from "./dom.js";
import { isDark } from "./frame.js";
import { poster } from "./poster.js";
import { T, fill, number, plural } from "./texts.js";
import { label, spoken } from "./titles.js";

const MARGIN = 28; // pixels around all films
const CLOSEST = 60; // the largest zoom
const REACH = 16; // pixels from a film within which the pointer means it
const CELL = 32; // pixels of a cell of the index
const GLOW = 64; // pixels of the picture of a point
const HOME = { k: 1, x: 0, y: 0 }; // a place (x, y) of the whole picture is seen at k·x + view.x, k·y + view.y
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/** The section with the map: `load` fetches it, `draw` lights the films of the state and those given. */
export function filmMap(store, act) {
  const [canvas, card, legend] = ["sky", "map-card", "legend"].map(byId);
  const pen = canvas.getContext("2d");
  const glows = new Map(); // by genre
  let films = []; // the best known first
  let places = new Map(); // by id
  let cells = new Map(); // of the whole picture, for finding the film under the pointer
  let view = HOME;
  let [width, height] = [0, 0];
  let [picks, results] = [new Set(), new Set()];
  let pointed = null; // a film
  let only = null; // the genre in the spotlight
  let waiting = false;

  const seen = (film) => [film.x * view.k + view.x, film.y * view.k + view.y];
  const here = (ids) => [...ids].map((movieId) => places.get(movieId)).filter(Boolean);
  const lit = () => [...here(picks), ...here(results)];

  function redraw() {
    if (!waiting && films.length) requestAnimationFrame(drawAll);
    waiting = films.length > 0;
  }

  function measure() {
    [width, height] = [canvas.parentElement.clientWidth, canvas.parentElement.clientHeight]; // whole, or letters blur
    const sharp = Math.min(2, devicePixelRatio);
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    Object.assign(canvas, { width: width * sharp, height: height * sharp });
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    cells = new Map();
    for (const film of films) {
      film.x = MARGIN + film.u * (width - 2 * MARGIN);
      film.y = MARGIN + film.v * (height - 2 * MARGIN);
      const cell = `${Math.floor(film.x / CELL)} ${Math.floor(film.y / CELL)}`;
      cells.set(cell, [...(cells.get(cell) ?? []), film]);
    }
    hold(view);
  }

  /** The picture of a point: its genre's colour, as the legend has it, with a glow. */
  function glow(genre) {
    if (glows.has(genre)) return glows.get(genre);
    const made = h("canvas", { width: GLOW, height: GLOW });
    const [brush, half] = [made.getContext("2d"), GLOW / 2];
    const fade = brush.createRadialGradient(half, half, 0, half, half, half);
    const rgb = getComputedStyle(legend.querySelector(`[data-genre="${CSS.escape(genre)}"] i`)).backgroundColor.match(/[\d.]+/g).slice(0, 3);
    [[0, 1], [0.2, 1], [0.26, 0.42], [0.5, 0.12], [1, 0]].forEach(([at, alpha]) => fade.addColorStop(at, `rgb(${rgb} / ${alpha})`.replaceAll(",", " ")));
    brush.fillStyle = fade;
    brush.fillRect(0, 0, GLOW, GLOW);
    glows.set(genre, made);
    return made;
  }

  function drawAll() {
    waiting = false;
    const { color: ink, caretColor: accent, backgroundColor: sky, fontFamily: plain } = getComputedStyle(canvas);
    const bright = new Set(lit());
    const scale = Math.sqrt(view.k) * Math.min(1, Math.max(0.55, width / 900));
    pen.clearRect(0, 0, width, height);
    pen.globalCompositeOperation = isDark() ? "lighter" : "multiply";
    for (let i = films.length - 1; i >= 0; i--) {
      const film = films[i];
      const [x, y] = seen(film);
      if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
      const size = film.size * scale * (bright.has(film) ? 1.5 : 1);
      pen.globalAlpha = only ? (film.genre === only ? 1 : 0.08) : bright.size && !bright.has(film) ? 0.55 : 1;
      pen.drawImage(glow(film.genre), x - size, y - size, 2 * size, 2 * size);
    }
    pen.globalAlpha = 1;
    pen.globalCompositeOperation = "source-over";
    here(results).forEach((film) => circle(film, 8, ink));
    here(picks).forEach((film) => [5, 10].forEach((size) => circle(film, size, accent, size === 5)));
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

  // Titles of the picks and the list first, then of the best known films in view, as far as there is room.
  function write({ ink, accent, sky, plain, serif }) {
    const taken = [];
    const first = [...(pointed ? [pointed] : []), ...lit()];
    const room = first.length + (12 + 12 * Math.log2(view.k)) * Math.min(1, width / 900);
    Object.assign(pen, { lineJoin: "round", lineWidth: 4, strokeStyle: sky });
    for (const film of [...first, ...films]) {
      const [x, y] = seen(film);
      if (taken.length > room) break;
      if (x < 0 || y < 12 || x > width || y > height - 6 || (only && film.genre !== only)) continue;
      const pick = picks.has(film.movieId);
      pen.font = pick ? `600 15px ${serif}` : `12.5px ${plain}`;
      const words = (film.words ??= spoken(film.title).replace(/^(.{38}).{4,}$/, "$1…"));
      const wide = pen.measureText(words).width;
      const left = x + 20 + wide > width ? x - 14 - wide : x + 14;
      if (left < 4) continue;
      const crosses = (other) => left - 8 < other.right && left + wide + 8 > other.left && Math.abs(y - other.y) < 19;
      if (taken.some(crosses)) continue;
      taken.push({ left, right: left + wide, y });
      pen.strokeText(words, left, y + 4.5);
      pen.fillStyle = pick ? accent : ink;
      pen.fillText(words, left, y + 4.5);
    }
  }

  /** The film nearest to a place on the screen, if one is within reach. */
  function under(screenX, screenY) {
    const [x, y, reach] = [(screenX - view.x) / view.k, (screenY - view.y) / view.k, REACH / view.k];
    let [best, least] = [null, reach];
    for (let i = Math.floor((x - reach) / CELL); i <= (x + reach) / CELL; i++) {
      for (let j = Math.floor((y - reach) / CELL); j <= (y + reach) / CELL; j++) {
        for (const film of cells.get(`${i} ${j}`) ?? []) {
          const distance = Math.hypot(film.x - x, film.y - y);
          if (distance < least && (!only || film.genre === only)) [best, least] = [film, distance];
        }
      }
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
    const role = picks.has(film.movieId) ? T.mapPicked : results.has(film.movieId) ? T.mapRecommended : film.genre;
    put(card, poster(film), h("div", {}, h("b", { dir: "auto" }, spoken(film.title)), [`${film.year ?? ""} · ${role}`, plural(T.ratings, film.ratings)].map((words) => h("span", { class: "facts" }, words))));
    paint(card, { left: `${x > width / 2 ? x - 20 - card.offsetWidth : x + 20}px`, top: `${Math.min(Math.max(8, y - 60), height - card.offsetHeight - 8)}px` });
  }

  const press = (film) => (picks.has(film.movieId) ? act.remove(film.movieId) : act.add({ ...film, genres: [film.genre] }));

  /** Takes a view, but none beyond the picture. */
  function hold({ k, x, y }) {
    view = { k, x: Math.min(0, Math.max(width * (1 - k), x)), y: Math.min(0, Math.max(height * (1 - k), y)) };
    canvas.classList.toggle("zoomed", k > 1.02);
    redraw();
  }

  /** The view that is nearer by a factor and keeps a place of the screen where it is. */
  function zoomed(factor, x = width / 2, y = height / 2) {
    const k = Math.min(CLOSEST, Math.max(1, view.k * factor));
    return { k, x: x - ((x - view.x) * k) / view.k, y: y - ((y - view.y) * k) / view.k };
  }

  function fly(goal) {
    const [start, from] = [performance.now(), view];
    const step = (now) => {
      const part = calm.matches ? 1 : Math.min(1, Math.max(0, now - start) / 380);
      const between = (name) => from[name] + (goal[name] - from[name]) * (1 - (1 - part) ** 3);
      hold({ k: between("k"), x: between("x"), y: between("y") });
      if (part < 1) requestAnimationFrame(step);
    };
    point(null);
    step(start);
  }

  /** The view with all lit films in it. */
  function around() {
    const [xs, ys] = [lit().map((film) => film.x), lit().map((film) => film.y)];
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
    if (film) press(film);
  });
  on("pointerleave blur", () => point(null));
  on("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas) return; // the page scrolls
    event.preventDefault();
    hold(zoomed(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), ...place(event)));
  }, { passive: false });

  const keys = { Enter: () => pointed && press(pointed), "+": () => fly(zoomed(1.8)), "-": () => fly(zoomed(1 / 1.8)), 0: () => fly(HOME) };
  on("keydown", (event) => {
    if (WAYS[event.key]) step(WAYS[event.key]);
    else if (keys[event.key]) keys[event.key]();
    else return;
    event.preventDefault();
  });

  /** To the nearest well-known film in a direction; sideways costs double. */
  function step([dx, dy]) {
    const [x, y] = pointed ? seen(pointed) : [width / 2, height / 2];
    const cost = (film) => {
      const [fx, fy] = seen(film);
      const [ahead, aside] = [(fx - x) * dx + (fy - y) * dy, Math.abs((fx - x) * dy) + Math.abs((fy - y) * dx)];
      return ahead > 2 ? ahead + 2 * aside : Infinity;
    };
    const next = films.slice(0, 150 * view.k).reduce((best, film) => (cost(film) < cost(best) ? film : best), pointed ?? films[0]);
    const [nx, ny] = seen(next);
    if (nx < 20 || ny < 20 || nx > width - 20 || ny > height - 20) hold({ ...view, x: view.x + width / 2 - nx, y: view.y + height / 2 - ny });
    point(next);
    announce(label(next));
  }

  /** The genres, most films first; a press puts one into the spotlight. */
  function drawLegend() {
    const counts = Object.entries(Object.groupBy(films, (film) => film.genre)).sort((a, b) => b[1].length - a[1].length);
    const choose = (genre) => {
      only = only === genre ? null : genre;
      [...legend.children].forEach((one) => one.setAttribute("aria-pressed", one.dataset.genre === only));
      redraw();
    };
    put(legend, counts.map(([genre]) => h("button", { type: "button", class: "pill", "data-genre": genre, "aria-pressed": "false", onclick: () => choose(genre) }, h("i"), genre)));
  }

  function otherTheme() {
    glows.clear();
    redraw();
  }

  /** Fetches the films and shows the section. */
  async function load() {
    if (films.length) return;
    const map = await ask("movies/map?n=10000");
    const spread = (values) => {
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return values.map((value) => (value - low) / (high - low || 1));
    };
    const [us, vs, most] = [spread(map.x), spread(map.y), Math.log(2 + Math.max(...map.ratings))];
    const room = Math.min(1.7, Math.max(1, (3000 / us.length) ** 0.25)); // the fewer films, the larger
    const film = (movieId, i) => ({ movieId, title: map.titles[i], year: map.years[i], genre: map.genres[i] || T.otherGenre, genres: [map.genres[i] ?? ""], ratings: map.ratings[i], u: us[i], v: vs[i], size: room * (3.5 + 13 * (Math.log(2 + map.ratings[i]) / most) ** 3) });
    films = map.movie_ids.map(film).sort((a, b) => b.ratings - a.ratings);
    places = new Map(films.map((one) => [one.movieId, one]));
    byId("map-lead").textContent = fill(T.mapLead, { n: number(films.length) });
    byId("map").hidden = false;
    drawLegend();
    new ResizeObserver(measure).observe(canvas.parentElement);
    new MutationObserver(otherTheme).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", otherTheme);
    const tools = { "zoom-in": () => zoomed(1.8), "zoom-out": () => zoomed(1 / 1.8), "zoom-all": () => HOME, "zoom-mine": around };
    Object.entries(tools).forEach(([id, goal]) => byId(id).addEventListener("click", () => fly(goal())));
  }

  const draw = (list) => {
    [picks, results] = [new Set(store.state.picks), new Set(list.map((film) => film.movieId))];
    redraw();
  };
  return { load, draw };
}
