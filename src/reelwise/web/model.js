// The page about the model: its own figures, as training wrote them. What it does not have is not drawn.

import { ask } from "./api.js";
import { columns, lines } from "./charts.js";
import { byId, h, put } from "./dom.js";
import { allIsWell, describe, frame, refused } from "./frame.js";
import { T, date, digits, fill, number, percent } from "./texts.js";

frame(T.modelTitle);

/** The ranking of selections, beside listing what is popular. */
function ranking({ selections }, model) {
  if (!selections) return [];
  const { picks, blend, popularity } = selections;
  const pair = (figure) => [{ name: T.thisModel, values: blend[figure] }, { name: T.popularity, values: popularity[figure] }];
  const gain = fill(T.ndcgGain, { percent: percent(blend["mean_ndcg@10"] / popularity["mean_ndcg@10"] - 1) });
  return [
    lines({ title: T.ndcgTitle, lead: fill(T.ndcgLead, { n: number(model.counts.movies) }), remark: gain, x: picks, series: pair("ndcg@10"), xTitle: T.numberOfPicks, fromZero: true, format: (value) => digits(value, 3), tick: (value) => digits(value, 1) }),
    lines({ title: T.coverageTitle, lead: T.coverageLead, x: picks, series: pair("coverage@10"), xTitle: T.numberOfPicks, fromZero: true, format: (value) => percent(value, 1), tick: (value) => percent(value) }),
  ];
}

/** How far off the predicted stars are, and how that came about. */
function accuracy({ stars }) {
  if (!stars) return [];
  const series = [stars.biases && { name: T.biases, values: [stars.biases.rmse] }, { name: T.thisModel, values: [stars.model.rmse] }].filter(Boolean);
  const promised = Object.entries(stars.interval ?? {}).map(([aim, share]) => fill(T.intervalLine, { share: percent(share, 1), aim: percent(Number(aim)) })).join(" ");
  const bars = columns({ kind: "columns versus", title: T.rmseTitle, lead: fill(T.rmseLead, { n: number(stars.ratings) }), remark: promised, x: series.map((one) => one.name), series: [{ name: T.rmseAxis, values: series.map((one) => one.values[0]) }], xTitle: T.model, format: (value) => digits(value, 3) });
  const curve = stars.validation_rmse;
  if (!(curve?.length > 1)) return [bars];
  return [bars, lines({ title: T.trainingTitle, lead: T.trainingLead, x: curve.map((_, i) => i + 1), series: [{ name: T.thisModel, values: curve }], xTitle: T.trainingAxis, format: (value) => digits(value, 3), tick: (value) => digits(value, 2) })];
}

/** What the viewers of the data set give. */
function distribution({ stars_distribution: given }) {
  if (!given?.length) return [];
  const all = given.reduce((sum, one) => sum + one.ratings, 0);
  const values = given.map((one) => one.ratings / all);
  return [columns({ title: T.distributionTitle, lead: T.distributionLead, x: given.map((one) => number(one.stars)), series: [{ name: T.shareOfRatings, values }], xTitle: T.distributionAxis, format: (value) => percent(value) })];
}

function facts(model) {
  const { counts, rating_scale: scale } = model;
  const values = { dataset: model.dataset, ratings: number(counts.ratings), users: number(counts.users), movies: number(counts.movies), scale: fill(T.scaleRange, scale), trained: date(model.trained_at), revision: model.revision, version: model.version };
  return Object.entries(values).map(([name, value]) => h("div", {}, h("dt", {}, T.fact[name]), h("dd", {}, value)));
}

async function show() {
  try {
    const model = await ask("model");
    const metrics = model.metrics ?? {};
    const figures = [...ranking(metrics, model), ...accuracy(metrics), ...distribution(model)];
    describe(model);
    put(byId("charts"), figures.length ? figures : h("p", { class: "lead" }, T.unmeasured));
    put(byId("facts"), facts(model));
    allIsWell();
  } catch (refusal) {
    refused(refusal, show);
  }
}
show();
