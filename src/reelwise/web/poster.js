// A poster for every film, drawn from its facts: colours and picture from the genre, all else from its number,
// so that each film keeps its face. Where the server has real posters, they come over it.

import { h, paint, s } from "./dom.js";
import { mainGenre, spoken, yearOf } from "./titles.js";

const SIDE = 200; // of the square that a picture is drawn in
const LOOKS = 3; // sets of colours for each genre, see genres.css
const [PAPER, INK, A, B] = ["paper", "ink", "first", "second"].map((name) => `var(--${name})`);

/** Random numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed) {
  let state = Math.imul(seed, 2654435761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const each = (n, draw) => Array.from({ length: n }, (_, i) => draw(i));
const disc = (cx, cy, r, fill, more) => s("circle", { cx, cy, r, fill, ...more });
const ring = (cx, cy, r, stroke, width) => disc(cx, cy, r, "none", { stroke, "stroke-width": width });
const box = (x, y, width, height, fill) => s("rect", { x, y, width, height, fill });
const path = (d, fill, more) => s("path", { d, fill, ...more });
const line = (d, stroke, width, more) => path(d, "none", { stroke, "stroke-width": width, ...more });

// Each motif is given `r`, where r(a, b) is a random number from a to b, and returns the parts of a picture.
const MOTIFS = {
  rays(r) {
    const [x, y, n] = [r(40, 160), r(120, 190), Math.floor(r(9, 16))];
    const at = (turn) => `L${x + 400 * Math.cos(turn)} ${y + 400 * Math.sin(turn)}`;
    return [each(n, (i) => path(`M${x} ${y}${at((6.2832 * i) / n)}${at((6.2832 * (i + 0.5)) / n)}z`, A)), disc(x, y, r(20, 40), B)];
  },
  orbits(r) {
    const [x, y, far, turn] = [r(45, 155), r(60, 130), r(60, 84), r(0, 6.28)];
    const planet = disc(x + far * Math.cos(turn), y + far * Math.sin(turn), r(8, 19), B);
    return [each(4, (i) => ring(x, y, far + i * 24, INK, 0.9)), each(14, () => disc(r(0, SIDE), r(0, SIDE), r(0.6, 1.7), INK)), disc(x, y, r(24, 54), A), planet];
  },
  hills(r) {
    const sun = disc(r(40, 160), r(45, 95), r(20, 42), A);
    const layer = (i) => path(`M0 ${95 + i * 26}C60 ${95 + i * 26 + r(-35, 35)} 140 ${95 + i * 26 + r(-35, 35)} 200 ${95 + i * 26 + r(-18, 18)}V200H0z`, i % 2 ? A : B, { opacity: 0.55 + i * 0.15 });
    return [sun, each(4, layer)];
  },
  strata(r) {
    const y = r(80, 125);
    return [disc(r(55, 145), y - 4, r(34, 62), A), box(0, y, SIDE, SIDE, PAPER), each(9, (i) => box(0, y + i * i * 1.6 + i * 4, SIDE, 1.5 + i * 1.1, B))];
  },
  blinds(r) {
    const slats = each(14, (i) => box(-60, i * 20 - 40 + r(0, 4), 320, r(5, 14), i % 5 === 3 ? A : B));
    return [disc(r(45, 155), r(55, 140), r(38, 60), A), s("g", { transform: `rotate(${r(-32, 32)} 100 100)` }, slats)];
  },
  pair(r) {
    const [size, x, y] = [r(44, 64), r(66, 82), r(75, 120)];
    return [disc(x, y, size, A), disc(x + size * r(0.8, 1.2), y + r(-22, 22), size, B, { class: "blend" })];
  },
  tiles(r) {
    const n = Math.floor(r(3, 5));
    const size = SIDE / n;
    const tile = (i) => {
      const turn = `translate(${(i % n) * size} ${Math.floor(i / n) * size}) rotate(${90 * Math.floor(r(0, 4))} ${size / 2} ${size / 2})`;
      const shape = r(0, 1) < 0.72 ? `M0 0H${size}A${size} ${size} 0 0 1 0 ${size}z` : `M0 0H${size}L0 ${size}z`;
      return path(shape, [A, B, A, B, INK, PAPER][Math.floor(r(0, 6))], { transform: turn });
    };
    return each(n * n, tile);
  },
  confetti(r) {
    return each(30, (i) => {
      const [x, y, size] = [r(0, SIDE), r(0, SIDE), r(4, 17)];
      return i % 3 ? disc(x, y, size, i % 2 ? A : B) : path(`M${x - size} ${y}a${size} ${size} 0 0 1 ${2 * size} 0z`, i % 2 ? INK : A, { transform: `rotate(${r(0, 360)} ${x} ${y})` });
    });
  },
  spiral(r) {
    const [x, y, way] = [r(70, 130), r(75, 125), r(-1, 1) < 0 ? -0.16 : 0.16];
    const turns = each(190, (i) => `${i ? "L" : "M"}${(x + i * 0.62 * Math.cos(way * i)).toFixed(1)} ${(y + i * 0.62 * Math.sin(way * i)).toFixed(1)}`);
    return [line(turns.join(""), B, r(4, 9)), disc(x, y, r(9, 18), A)];
  },
  shards(r) {
    const n = Math.floor(r(6, 12));
    const teeth = (y, high, fill) => path(`M0 200V${y}${each(n, (i) => `L${((i + 0.5) * SIDE) / n} ${y - high * r(0.3, 1)}L${((i + 1) * SIDE) / n} ${y}`).join("")}V200z`, fill);
    return [disc(r(50, 150), r(50, 80), r(26, 46), A), teeth(170, 110, B), teeth(196, 80, A)];
  },
  chevrons(r) {
    const [wide, marked, turn] = [r(11, 22), Math.floor(r(1, 5)), 90 * Math.floor(r(0, 4))];
    const chevron = (i) => path(`M-20 ${i * 38 + 10}L100 ${i * 38 - 62}L220 ${i * 38 + 10}v${wide}L100 ${i * 38 - 62 + wide}L-20 ${i * 38 + 10 + wide}z`, i === marked ? B : A);
    return s("g", { transform: `rotate(${turn} 100 100)` }, each(8, chevron));
  },
  city(r) {
    const tower = (i) => {
      const top = r(35, 140);
      return [box(i * 34 - 4, top, r(30, 36), SIDE, i % 2 ? B : INK), i % 2 && each(24, (k) => r(0, 1) < 0.3 && box(i * 34 + 1 + (k % 3) * 8, top + 8 + Math.floor(k / 3) * 14, 4, 7, A))];
    };
    return [disc(r(25, 175), r(35, 65), r(15, 28), A), each(6, tower)];
  },
  waves(r) {
    const high = r(-18, 18);
    return each(10, (i) => line(`M-80 ${i * 21}q30 ${2 * high} 60 0t60 0t60 0t60 0t60 0`, i % 3 === 1 ? B : A, 3 + (i % 4) * 2.2, { transform: `translate(${r(0, 70)})` }));
  },
  moons(r) {
    const [x, y, size] = [r(60, 140), r(70, 120), r(38, 60)];
    const star = () => {
      const [p, q, k] = [r(0, SIDE), r(0, SIDE), r(2, 7)];
      return path(`M${p} ${q - k}Q${p} ${q} ${p + k} ${q}Q${p} ${q} ${p} ${q + k}Q${p} ${q} ${p - k} ${q}Q${p} ${q} ${p} ${q - k}z`, INK);
    };
    return [each(16, star), disc(x, y, size, B), disc(x + size * r(-0.6, 0.6), y - size * 0.2, size * 0.86, PAPER), ring(x, y, size + 14, A, 1.2)];
  },
  frames(r) {
    const marked = Math.floor(r(0, 12));
    return each(12, (i) => box(14 + (i % 3) * 60, 14 + Math.floor(i / 3) * 45, 52, 37, i === marked ? B : A));
  },
  doors(r) {
    const [x, top] = [r(65, 135), r(20, 60)];
    return each(5, (i) => path(`M${x - 62 + i * 13} 200V${top + 62 + i * 7}a${62 - i * 13} ${62 - i * 13} 0 0 1 ${124 - i * 26} 0V200z`, i % 2 ? PAPER : i % 4 ? B : A));
  },
  window(r) {
    const [x, y, wide, high] = [r(25, 75), r(25, 60), r(80, 110), r(90, 130)];
    return [box(x, y, wide, high, B), disc(x + r(0, wide), y + high * r(0.3, 0.7), r(20, 44), A), box(x + wide / 2 - 1.2, y, 2.4, high, INK), box(x, y + high / 3, wide, 2.4, INK)];
  },
};

const PICTURES = {
  "Film-Noir": "blinds city doors", Western: "strata hills rays", Musical: "waves rays confetti", Horror: "shards moons doors", Documentary: "frames tiles waves",
  War: "chevrons strata blinds", Animation: "tiles confetti hills", "Sci-Fi": "orbits rays strata moons", Fantasy: "moons hills orbits", Mystery: "spiral doors window",
  Children: "confetti tiles hills", "Children's": "confetti tiles hills", Romance: "pair moons window waves", Crime: "city blinds chevrons", Thriller: "spiral blinds window", Adventure: "hills strata rays",
  Comedy: "tiles confetti waves rays", Action: "rays chevrons blinds", Drama: "doors window pair strata hills",
};

/** Letters as large as the title allows: its longest word has to fit a line, and all of it the space beside the picture. */
function letterSize(title) {
  const longest = Math.max(...title.split(/[\s-]+/).map((word) => word.length));
  return Math.max(6.2, Math.min(17, 132 / longest, 66 / Math.sqrt(title.length)));
}

let imagesFrom = null;

/** Says where real posters are: a function from a film's number to an address. */
export const usePosters = (address) => (imagesFrom = address);

class FilmPoster extends HTMLElement {
  set film(film) {
    const random = randomFrom(film.movieId);
    const between = (low, high) => low + (high - low) * random();
    const title = spoken(film.title);
    const own = mainGenre(film.genres);
    const pictures = PICTURES[own]?.split(" ") ?? Object.keys(MOTIFS);
    const genre = random() < 0.4 ? film.genres[Math.floor(film.genres.length * random())] ?? own : own; // some wear another's colours
    this.setAttribute("aria-hidden", "true"); // its words stand beside it as text
    Object.assign(this.dataset, { genre, look: Math.floor(between(0, LOOKS)), turned: random() < 0.3 });
    paint(this, { size: letterSize(title).toFixed(1) });
    const picture = s("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, preserveAspectRatio: "xMidYMid slice" }, MOTIFS[pictures[Math.floor(pictures.length * random())]](between));
    this.replaceChildren(picture, h("span", { class: "lettering", dir: "auto" }, title), h("span", { class: "imprint" }, yearOf(film)));
    if (!imagesFrom) return;
    const image = h("img", { alt: "", loading: "lazy", onerror: () => image.remove(), onload: () => image.classList.add("there"), src: imagesFrom(film.movieId) });
    this.append(image);
  }
}
customElements.define("film-poster", FilmPoster);

/** The poster of a film: `{movieId, title, year, genres}`. */
export const poster = (film) => Object.assign(h("film-poster"), { film: { genres: [], ...film } });
