// Figures drawn as plain SVG. Each has a title and a description for those who cannot see it, and its numbers as a table.

import { copyOf, h, s } from "../base/dom.js";
import { T, digits, fill } from "../base/texts.js";

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [640, 300, 52, 14, 40];
const NAMES = 148; // pixels for the names beside lines
const APART = matchMedia("(max-width: 40rem)").matches ? 54 : 42; // pixels at least between names; on phones text is larger

/** Four or five round numbers that span the values, and how many decimals they take. */
function ticks(low, high) {
  const rough = (high - low) / 4 || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((times) => times * unit >= rough);
  const first = Math.floor(low / step + 1e-9);
  const levels = Array.from({ length: Math.max(2, Math.ceil(high / step - 1e-9) - first + 1) }, (_, i) => (first + i) * step);
  return [levels, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))];
}

const text = (x, y, words, kind = "middle", name = null) => s("text", { x, y, "text-anchor": kind, class: name }, words);

/** A table with a caption for those who hear it. The first cell of a row is its heading. */
export const table = (caption, headings, rows) => h("table", {}, h("caption", { class: "for-ears" }, caption),
  h("thead", {}, h("tr", {}, headings.map((name) => h("th", { scope: "col" }, name)))),
  h("tbody", {}, rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td", {}, cell))))));

/**
 * A figure: `{title, lead, remark, x, xTitle, series: [{name, values}], format, low}`. `kind` is "lines" over places on
 * the x axis, or "columns", one for each. `low` is where the y axis begins, at the latest.
 */
export function chart({ kind, title, lead, remark = "", x, xTitle, series, format, low = 0 }) {
  const isLines = kind === "lines";
  const [levels, behind] = ticks(low, Math.max(...series.flatMap((one) => one.values)));
  const [right, bottom] = [WIDTH - (isLines ? NAMES : 20), HEIGHT - BOTTOM];
  const step = (right - LEFT) / (isLines ? Math.max(1, x.length - 1) : x.length);
  const xAt = (i) => LEFT + step * (isLines ? i : i + 0.5);
  const yAt = (value) => bottom - ((value - levels[0]) / (levels.at(-1) - levels[0])) * (bottom - TOP);

  // Lines are named at their ends, each name a little above the next.
  const ends = new Map();
  for (const { name, values } of series.toSorted((one, other) => other.values.at(-1) - one.values.at(-1))) {
    ends.set(name, Math.max(yAt(values.at(-1)), (ends.size ? [...ends.values()].at(-1) + APART : 0)));
  }
  const line = ({ name, values }, n) => {
    const places = values.map((value, i) => [xAt(i), yAt(value)]);
    const [endX, endY] = [places.at(-1)[0], ends.get(name)];
    return s("g", { class: `series series-${n}` }, s("path", { d: `M${places.join("L")}` }), values.length < 12 && places.map(([cx, cy]) => s("circle", { cx, cy, r: 4 })),
      text(endX + 12, endY - 4, name, "start", "name"), text(endX + 12, endY + 16, format(values.at(-1)), "start", "value"));
  };
  const columns = ({ values }) => values.map((value, i) => [
    s("rect", { class: "column", x: xAt(i) - step * 0.38, width: step * 0.76, y: yAt(value), height: bottom - yAt(value) }), text(xAt(i), yAt(value) - 6, format(value), "middle", "value"),
  ]);

  const [figure, part] = copyOf("figure");
  const spans = ({ name, values }) => fill(T.chartLine, { name, first: format(values[0]), last: format(values.at(-1)) });
  const seen = isLines ? series.map(spans) : series.flatMap(({ values }) => values.map((value, i) => `${x[i]}: ${format(value)}`));
  const words = { h2: title, title, desc: seen.join("; "), ".lead": lead, ".remark": remark };
  Object.entries(words).forEach(([selector, content]) => (part(selector).textContent = content ?? ""));
  const every = isLines ? Math.ceil(x.length / 8) : 1;
  part("svg").classList.value += ` ${kind}`;
  part("svg").append(
    ...levels.flatMap((level) => [s("line", { class: "grid", x1: LEFT, x2: right, y1: yAt(level), y2: yAt(level) }), text(LEFT - 10, yAt(level) + 4, digits(level, behind), "end", "level")]),
    ...x.flatMap((label, i) => (i % every ? [] : text(xAt(i), bottom + 20, label))),
    text(right, HEIGHT - 3, xTitle, "end", "axis"), ...series.flatMap(isLines ? line : columns).flat());
  part("details").append(table(title, [xTitle, ...series.map((one) => one.name)], x.map((label, i) => [String(label), ...series.map((one) => format(one.values[i]))])));
  return figure;
}
