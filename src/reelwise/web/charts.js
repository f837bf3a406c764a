// Figures drawn as plain SVG. Each has a title and a description for those who cannot see it, and its numbers as a table.

import { h, s } from "./dom.js";
import { T, fill } from "./texts.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 300, 52, 148, 14, 40];

/** Four or five round numbers that span the values. */
function ticks(low, high) {
  const rough = (high - low) / 4 || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((times) => times * unit >= rough);
  const first = Math.floor(low / step + 1e-9);
  return Array.from({ length: Math.ceil(high / step - 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

const text = (x, y, words, more = {}) => s("text", { x, y, ...more }, words);

function figure({ title, lead, remark, x, series, xTitle, format, kind }, marks) {
  const name = `chart-${title.replace(/\W+/g, "-")}`;
  const said = series.map((one) => fill(T.chartSeries, { name: one.name, first: format(one.values[0]), last: format(one.values.at(-1)) })).join(" ");
  const picture = s("svg", { class: `chart ${kind}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-labelledby": `${name}-t ${name}-d` },
    s("title", { id: `${name}-t` }, title), s("desc", { id: `${name}-d` }, `${lead} ${said}`), marks);
  const table = h("table", {}, h("caption", { class: "for-ears" }, title), h("thead", {}, h("tr", {}, [xTitle, ...series.map((one) => one.name)].map((words) => h("th", { scope: "col" }, words)))),
    h("tbody", {}, x.map((label, i) => h("tr", {}, h("th", { scope: "row" }, String(label)), series.map((one) => h("td", {}, format(one.values[i])))))));
  return h("figure", {}, h("h2", {}, title), h("p", { class: "lead" }, lead), picture, remark && h("p", { class: "remark" }, remark), h("details", {}, h("summary", {}, T.table), table));
}

function axes({ x, yTicks, yAt, xAt, tick, xTitle, every }) {
  const grid = yTicks.map((value) => [s("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: yAt(value), y2: yAt(value) }), text(LEFT - 10, yAt(value) + 4, tick(value), { "text-anchor": "end" })]);
  const below = x.map((label, i) => (i % every ? null : text(xAt(i), HEIGHT - BOTTOM + 20, label, { "text-anchor": "middle" })));
  return [grid, below, text(WIDTH - RIGHT, HEIGHT - 4, xTitle, { "text-anchor": "end", class: "axis" })];
}

/** Lines over common places on the x axis: `{title, lead, x, series: [{name, values}], xTitle, format, tick, fromZero}`. */
export function lines(chart) {
  const all = chart.series.flatMap((one) => one.values);
  const yTicks = ticks(chart.fromZero ? 0 : Math.min(...all), Math.max(...all));
  const [low, high] = [yTicks[0], yTicks.at(-1)];
  const xAt = (i) => LEFT + (i * (WIDTH - LEFT - RIGHT)) / Math.max(1, chart.x.length - 1);
  const yAt = (value) => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const drawn = chart.series.map(({ name, values }, n) => {
    const places = values.map((value, i) => [xAt(i), yAt(value)]);
    const [endX, endY] = places.at(-1);
    return s("g", { class: `series series-${n}` }, s("path", { d: `M${places.map((place) => place.join(" ")).join("L")}` }),
      values.length < 12 && places.map(([cx, cy]) => s("circle", { cx, cy, r: 4 })), text(endX + 12, endY - 4, name, { class: "name" }), text(endX + 12, endY + 16, chart.format(values.at(-1)), { class: "value" }));
  });
  return figure({ ...chart, kind: "lines" }, [axes({ ...chart, yTicks, xAt, yAt, every: Math.ceil(chart.x.length / 8) }), drawn]);
}

/** Columns, one for each label: `{title, lead, x, series: [{name, values}], xTitle, format}`. */
export function columns(chart) {
  const [{ values }] = chart.series;
  const yTicks = ticks(0, Math.max(...values));
  const step = (WIDTH - LEFT - 20) / values.length;
  const xAt = (i) => LEFT + step * (i + 0.5);
  const yAt = (value) => HEIGHT - BOTTOM - (value / yTicks.at(-1)) * (HEIGHT - TOP - BOTTOM - 12);
  const drawn = values.map((value, i) => [s("rect", { class: "column", x: xAt(i) - step * 0.38, width: step * 0.76, y: yAt(value), height: HEIGHT - BOTTOM - yAt(value) }), text(xAt(i), yAt(value) - 6, chart.format(value), { "text-anchor": "middle", class: "value" })]);
  const below = chart.x.map((label, i) => text(xAt(i), HEIGHT - BOTTOM + 20, label, { "text-anchor": "middle" }));
  return figure({ kind: "columns", ...chart }, [drawn, below, text(WIDTH - 20, HEIGHT - 2, chart.xTitle, { "text-anchor": "end", class: "axis" })]);
}
