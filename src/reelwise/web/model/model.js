// The page about the model: its own figures, as training wrote them, in sentences first.

import { ask } from "../base/api.js";
import { byId, h, put } from "../base/dom.js";
import { describe, refused } from "../base/frame.js";
import { T, date, digits, fill, fillNodes, list, number, percent } from "../base/texts.js";
import { chart, table } from "./charts.js";

const exactly = (value) => digits(value, 3);
const middle = (values) => values[Math.floor(values.length / 2)];
const levels = ({ interval }) => Object.entries(interval ?? {}).map(([aim, share]) => ({ aim: percent(Number(aim)), share: percent(share) }));

/** What there is to say, in a few sentences, with their figures in bold. */
function inShort({ metrics: { stars, selections }, rating_scale: { low, high } }) {
  const said = [];
  if (stars) said.push([T.shortStars, { off: digits(stars.model.mae, 2), low: number(low), high: number(high), other: digits(stars.biases.mae, 2) }]);
  if (selections) {
    const { blend, popularity, picks } = selections;
    said.push([T.shortGain, { percent: percent(blend["mean_ndcg@10"] / popularity["mean_ndcg@10"] - 1) }]);
    const figures = { different: number(middle(blend["distinct@10"])), other: number(middle(popularity["distinct@10"])), share: percent(middle(blend["most_shown@10"])), picks: number(middle(picks)) };
    said.push([T.shortVariety, figures]);
  }
  const promised = stars ? levels(stars).at(-1) : null;
  if (promised) said.push([T.shortMargin, promised]);
  return said.map(([text, figures]) => h("li", {}, fillNodes(text, Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, h("b", {}, value)])))));
}

/** The ranking of selections, beside listing what is popular. */
function ranking({ metrics: { selections }, counts }) {
  if (!selections) return [];
  const { picks, blend, popularity, well_known: plain, balance = 0 } = selections;
  const beside = [[T.thisModel, blend], [T.popularity, popularity], [T.atBalanceNought, plain]].filter(([, figures]) => figures);
  const pair = (figure) => ({ kind: "lines", x: picks, xTitle: T.numberOfPicks, series: beside.map(([name, figures]) => ({ name, values: figures[figure] })) });
  const most = { share: percent(middle(blend["most_shown@10"])), other: percent(middle(popularity["most_shown@10"])), picks: number(middle(picks)) };
  return [
    chart({ ...pair("ndcg@10"), title: T.ndcgTitle, lead: fill(T.ndcgLead, { n: number(counts.movies) }), remark: plain && fill(T.balanceLine, { balance: digits(balance, 2) }), format: exactly }),
    chart({ ...pair("stratified_ndcg@10"), title: T.rareTitle, lead: T.rareLead, format: exactly }),
    chart({ ...pair("distinct@10"), title: T.varietyTitle, lead: T.varietyLead, remark: fill(T.varietyMost, most), format: number }),
  ];
}

/** How far off the predicted stars are. */
function accuracy({ metrics: { stars, fold_in: folded } }) {
  const charts = [];
  if (stars) {
    const rmse = [[T.biases, stars.biases.rmse], [T.thisModel, stars.model.rmse]];
    const promises = levels(stars);
    const kept = promises.length ? fill(T.intervalLine, { shares: list(promises.map(({ share }) => share)), aims: list(promises.map(({ aim }) => aim)) }) : "";
    charts.push(chart({
      kind: "columns versus", title: T.rmseTitle, lead: fill(T.rmseLead, { n: number(stars.ratings) }), remark: kept,
      x: rmse.map(([name]) => name), xTitle: T.model, series: [{ name: T.rmseAxis, values: rmse.map(([, value]) => value) }], format: exactly,
    }));
  }
  if (folded?.given.length > 1) {
    charts.push(chart({ kind: "lines", title: T.foldTitle, lead: T.foldLead, x: folded.given, xTitle: T.foldAxis, series: [{ name: T.thisModel, values: folded.rmse }], format: exactly, low: Math.min(...folded.rmse) }));
  }
  const passes = stars?.validation_rmse ?? [];
  if (passes.length > 1) {
    charts.push(chart({ kind: "lines", title: T.trainingTitle, lead: T.trainingLead, x: passes.map((_, i) => i + 1), xTitle: T.trainingAxis, series: [{ name: T.thisModel, values: passes }], format: exactly, low: Math.min(...passes) }));
  }
  return charts;
}

/** What the viewers of the data set give. */
function distribution({ stars_distribution: given }) {
  if (!given.length) return [];
  const all = given.reduce((sum, one) => sum + one.ratings, 0);
  const values = given.map((one) => one.ratings / all);
  return [chart({ kind: "columns", title: T.distributionTitle, lead: T.distributionLead, x: given.map((one) => number(one.stars)), xTitle: T.distributionAxis, series: [{ name: T.shareOfRatings, values }], format: (value) => percent(value) })];
}

/** What people did with the films they were shown, where that is known. */
function outcomes({ shown: lists = [] }) {
  byId("outcomes").hidden = !lists.length;
  if (!lists.length) return;
  const all = lists.reduce((sum, one) => sum + one.shown, 0);
  const share = (name) => h("b", {}, percent(lists.reduce((sum, one) => sum + one.shown * one[name], 0) / (all || 1), 1));
  put(byId("outcomes-line"), fillNodes(T.shownLine, { n: h("b", {}, number(all)), clicked: share("clicked"), watched: share("watched"), liked: share("liked") }));
  const rows = lists.map((one) => [
    one.revision, one.balance === null ? "–" : digits(one.balance, 2), number(one.shown), number(one.different_films), ...["clicked", "watched", "liked"].map((name) => percent(one[name], 1)),
  ]);
  put(byId("outcomes-table"), table(T.shownTitle, T.shownColumns.split("|"), rows));
}

function facts({ counts, rating_scale: scale, predicts_stars, trained_at: trained, dataset, revision, version }) {
  const values = { dataset, ratings: number(counts.ratings), users: number(counts.users), movies: number(counts.movies), scale: predicts_stars ? fill(T.scaleRange, { low: number(scale.low), high: number(scale.high) }) : T.noStars, trained: date(trained), revision, version };
  return Object.entries(values).map(([name, value]) => h("div", {}, h("dt", {}, T.fact[name]), h("dd", {}, value)));
}

async function show() {
  try {
    const model = await ask("model");
    describe(model);
    const measured = Object.keys(model.metrics).length > 0;
    put(byId("short"), measured ? inShort(model) : h("li", {}, T.unmeasured));
    outcomes(model);
    put(byId("charts"), measured && [...ranking(model), ...accuracy(model)], distribution(model), byId("facts-part"));
    put(byId("facts"), facts(model));
    byId("facts-part").hidden = false;
  } catch (refusal) {
    refused(refusal, show);
  }
}
show();
