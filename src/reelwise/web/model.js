// The page about the model: its own figures, as training wrote them.

import { ask } from "./api.js";
import { chart } from "./charts.js";
import { byId, h, put } from "./dom.js";
import { allIsWell, describe, refused } from "./frame.js";
import { T, date, digits, fill, number, percent } from "./texts.js";

const exactly = (value) => digits(value, 3);

/** The ranking of selections, beside listing what is popular. */
function ranking({ metrics, counts }) {
  if (!metrics.selections) return [];
  const { picks, blend, popularity } = metrics.selections;
  const pair = (figure) => ({ kind: "lines", x: picks, xTitle: T.numberOfPicks, series: [{ name: T.thisModel, values: blend[figure] }, { name: T.popularity, values: popularity[figure] }] });
  const gain = percent(blend["mean_ndcg@10"] / popularity["mean_ndcg@10"] - 1);
  return [
    chart({ ...pair("ndcg@10"), title: T.ndcgTitle, lead: fill(T.ndcgLead, { n: number(counts.movies) }), remark: fill(T.ndcgGain, { percent: gain }), format: exactly, tick: digits }),
    chart({ ...pair("coverage@10"), title: T.coverageTitle, lead: T.coverageLead, format: (value) => percent(value, 1), tick: (value) => percent(value) }),
  ];
}

/** How far off the predicted stars are. */
function accuracy({ stars }) {
  if (!stars) return [];
  const rmse = [[T.biases, stars.biases?.rmse], [T.thisModel, stars.model.rmse]].filter(([, value]) => value);
  const promised = Object.entries(stars.interval ?? {}).map(([aim, share]) => fill(T.intervalLine, { share: percent(share, 1), aim: percent(Number(aim)) })).join(" ");
  const bars = chart({
    kind: "columns versus", title: T.rmseTitle, lead: fill(T.rmseLead, { n: number(stars.ratings) }), remark: promised,
    x: rmse.map(([name]) => name), xTitle: T.model, series: [{ name: T.rmseAxis, values: rmse.map(([, value]) => value) }], format: exactly,
  });
  const values = stars.validation_rmse ?? [];
  if (values.length < 2) return [bars];
  return [bars, chart({ kind: "lines", title: T.trainingTitle, lead: T.trainingLead, x: values.map((_, i) => i + 1), xTitle: T.trainingAxis, series: [{ name: T.thisModel, values }], format: exactly, tick: (value) => digits(value, 2), low: Math.min(...values) })];
}

/** What the viewers of the data set give. */
function distribution({ stars_distribution: given }) {
  if (!given.length) return [];
  const all = given.reduce((sum, one) => sum + one.ratings, 0);
  const values = given.map((one) => one.ratings / all);
  return [chart({ kind: "columns", title: T.distributionTitle, lead: T.distributionLead, x: given.map((one) => number(one.stars)), xTitle: T.distributionAxis, series: [{ name: T.shareOfRatings, values }], format: (value) => percent(value) })];
}

function facts({ counts, rating_scale: scale, predicts_stars, trained_at: trained, dataset, revision, version }) {
  const values = { dataset, ratings: number(counts.ratings), users: number(counts.users), movies: number(counts.movies), scale: predicts_stars ? fill(T.scaleRange, scale) : T.noStars, trained: date(trained), revision, version };
  return Object.entries(values).map(([name, value]) => h("div", {}, h("dt", {}, T.fact[name]), h("dd", {}, value)));
}

/** What became of what was shown; nothing where nobody told. */
function showShown({ shown }) {
  const section = byId("shown");
  section.hidden = !shown.length;
  const line = (kind, values) => h("tr", {}, values.map((value) => h(kind, {}, value)));
  put(section.querySelector("thead"), line("th", T.shownColumns));
  const values = (one) => [one.revision, one.balance === null ? "–" : digits(one.balance, 1), number(one.shown), number(one.different_films), ...[one.clicked, one.watched, one.liked].map((share) => percent(share, 1))];
  put(section.querySelector("tbody"), shown.map((one) => line("td", values(one))));
}

async function show() {
  try {
    const model = await ask("model");
    const figures = [...ranking(model), ...accuracy(model.metrics), ...distribution(model)];
    describe(model);
    put(byId("charts"), figures.length ? figures : h("p", { class: "lead" }, T.unmeasured));
    showShown(model);
    put(byId("facts"), facts(model));
    allIsWell();
  } catch (refusal) {
    refused(refusal, show);
  }
}
show();
