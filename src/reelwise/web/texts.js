// Every word of the page: a translation is this file. {names} in braces are filled in; pairs are singular and plural.

export const LANGUAGE = "en";

export const T = {
  name: "Reelwise",
  title: "Reelwise: pick a few films, get ten for tonight",
  titleOf: "{films} – Reelwise",
  modelTitle: "How good is this? – Reelwise",
  skip: "Skip to the films",
  navigation: "Parts of the page",
  navResults: "Tonight",
  navViewer: "Closest viewer",
  navMap: "Map",
  navModel: "How good is this?",
  toDark: "Switch to dark",
  toLight: "Switch to light",

  headline: "Name a few films",
  headlineLove: "you love.",
  headlineEnd: "Get ten for tonight.",
  lead: "No account, nothing to fill in. Other viewers’ tastes do the rest.",

  searchLabel: "Search films by title",
  searchPlaceholder: "A film you love…",
  found: ["{n} film. Use the arrow keys.", "{n} films. Use the arrow keys."],
  foundNothing: "Nothing fits “{query}”. Another spelling, or the original title?",
  alreadyPicked: "picked",

  picks: "Your picks",
  pickCount: "{n} of {most}",
  noPicks: "Nothing yet. One film is enough to begin.",
  remove: "Remove {title}",
  undo: "Undo",
  clear: "Start over",
  leftOut: "Left out",
  seenTag: "seen",
  dislikedTag: "not for me",
  tooMany: "{most} films are enough for anybody. Remove one first.",
  picked: "{title} is picked.",
  removed: "{title} is no longer picked.",
  markedSeen: "{title}: seen. It makes room for another.",
  markedDisliked: "{title}: not for you. The list leans away from it.",
  broughtBack: "{title} is back.",
  cleared: "All picks are gone.",
  undone: "Undone.",

  start: "Start from one you know",
  more: "Know one of these, too?",
  wellKnown: "Well known",
  groups: "Which films to show",
  pickAll: "Pick all of “{group}”",
  surprise: "Surprise me",

  results: "Ten for tonight",
  resultsFew: ["One for tonight", "{n} for tonight"],
  resultsLike: "More like {title}",
  backToResults: "Back to your ten",
  because: "Because you picked {films}",
  fewPicks: "With one or two picks the list leans on what is popular. Three to five make it yours.",
  popular: "Nobody rated these picks, so this is what most people like.",
  nothingPasses: "No film passes these filters.",
  fewPass: ["Only one film passes these filters.", "Only {n} films pass these filters."],
  forYou: "for you",
  forAll: "{stars} average",
  starsOf: "{stars} of {high} stars predicted for you, {mean} on average by {n} viewers",
  starsUnrated: "{stars} of {high} stars predicted for you",
  ratings: ["{n} rating", "{n} ratings"],
  alike: "alike",
  add: "Pick {title}, too",
  seen: "I have seen {title}",
  dislike: "{title} is not for me",
  like: "More like {title}",
  hints: { add: "Pick it, too", seen: "Seen it", dislike: "Not for me", like: "More like this" },
  atTmdb: "{title} at TMDB",
  atImdb: "{title} at IMDb",
  listUpdated: ["The list has {n} film.", "The list has {n} films."],
  share: "Share",
  shareText: "Ten films for tonight, from {films}",
  copied: "The link is copied. It brings back picks and settings.",
  copyFailed: "The browser did not allow copying; the link is in its address bar.",
  csv: "CSV",
  csvHint: "Picks and results as CSV, for Letterboxd",
  print: "Print",

  steer: "Steer",
  reset: "Reset",
  resetFilters: "Take the filters away",
  novelty: "How famous",
  noveltyLeast: "Well known",
  noveltyMost: "Hidden gems",
  diversity: "How varied",
  diversityLeast: "Best fit",
  diversityMost: "Of every kind",
  years: "Years",
  yearFrom: "From year",
  yearTo: "To year",
  anyYear: "any",
  minRatings: "Rated by at least",
  viewers: "{n} viewers",
  anyone: "anyone",
  order: "Order",
  byTaste: "Taste",
  byStars: "Stars",
  byTasteHint: "First what people with your taste watch and like",
  byStarsHint: "First what is predicted most stars",
  genres: "Genres",
  genresHint: "One press: only these. A second: none of these.",
  genreAny: "{genre}: allowed",
  genreOnly: "{genre}: wanted",
  genreNone: "{genre}: unwanted",

  viewer: "Your closest viewer",
  viewerLine: "Viewer {id} has seen {n} of your {of} films and gave them {stars} stars on average.",
  viewerNone: "Nobody in the data has seen any of your films. You are on your own, in the best sense.",
  shared: "What you share",
  alsoLoved: "What they loved and you have not named",

  map: "The map of films",
  mapLead: "{n} films. Near each other: liked by the same people. Press one to pick it.",
  mapLabel: "Map of films. Arrow keys go from film to film, Enter picks, plus and minus zoom, 0 shows everything.",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  zoomAll: "Show everything",
  zoomMine: "Show my films",
  otherGenre: "Other",
  mapPicked: "picked",
  mapRecommended: "for tonight",

  sampleBanner: "This is the built-in sample: real films, but simulated viewers. It shows how things work, not what people like.",
  unknownFilms: [
    "This link names a film that this model does not know (number {ids}). It was left out.",
    "This link names {n} films that this model does not know (numbers {ids}). They were left out.",
  ],
  notReady: "No model is loaded yet.",
  gone: "The server does not answer. What you see is the last it said.",
  failed: "The server could not do that.",
  tryingAgain: "This page tries again by itself.",
  tryAgain: "Try again",
  dismiss: "Close",

  keyTitle: "This server asks for a key",
  keyLead: "Whoever runs it can give you one. It is kept in this tab only, and forgotten when you close it.",
  keyLabel: "Key",
  keyUse: "Use it",
  keyCancel: "Not now",
  keyNeeded: "Without a key this server does not answer.",

  footerData: "Model trained on {dataset}: {ratings} ratings by {users} viewers, {date}.",
  footerSample: "The built-in sample is part of Reelwise; its viewers are simulated.",
  footerLicence: "MovieLens data are for research, not for commercial use without permission, and come without any endorsement by the University of Minnesota or GroupLens.",
  footerCite: "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM TiiS 5, 4, Article 19.",
  footerTmdb: "This product uses the TMDB API but is not endorsed or certified by TMDB.",
  footerApi: "API",
  footerPrivacy: "Your picks are in the address of this page and nowhere else.",

  modelHeadline: "How good is this?",
  modelLead: "Measured on viewers and ratings that the model was not shown. All figures are this model’s own, written when it was trained.",
  backToPage: "Back to the films",
  unmeasured: "This model was trained without being measured, so there are no figures to show.",
  table: "The figures as a table",
  facts: "The model",
  fact: {
    dataset: "Data set",
    ratings: "Ratings",
    users: "Viewers",
    movies: "Films with ratings",
    scale: "Rating scale",
    trained: "Trained",
    revision: "Revision",
    version: "Reelwise",
  },
  scaleRange: "{low} to {high} stars",
  model: "Model",
  thisModel: "Reelwise",
  popularity: "Most popular",
  biases: "Averages alone",
  numberOfPicks: "Number of picks",
  ndcgTitle: "Does it find films they went on to like?",
  ndcgLead: "NDCG@10: 1 would be ten films out of ten, best first. Test viewers named a few films they like; the others they like were to be found among all {n} films.",
  ndcgGain: "{percent} better than listing the most popular films",
  coverageTitle: "Does everybody get the same ten?",
  coverageLead: "The part of all films that turned up in somebody’s ten. A list of favourites shows the same few films to everybody.",
  rmseTitle: "How far off are the stars?",
  rmseLead: "Root mean square error on {n} held-out ratings; less is better.",
  rmseAxis: "RMSE, stars",
  intervalLine: "The stated margin held the true stars in {share} of cases; {aim} were promised.",
  trainingTitle: "How it learned",
  trainingLead: "RMSE on ratings kept aside, after each pass over the others.",
  trainingAxis: "Pass",
  distributionTitle: "What viewers give",
  distributionLead: "All ratings of the data set by their stars.",
  distributionAxis: "Stars",
  shareOfRatings: "Share of ratings",
  chartSeries: "{name}: from {first} to {last}.",
};

const rules = new Intl.PluralRules(LANGUAGE);
const numbers = new Intl.NumberFormat(LANGUAGE);
const lists = new Intl.ListFormat(LANGUAGE, { type: "conjunction" });

export const number = (value) => numbers.format(value);
export const digits = (value, count = 1) => value.toLocaleString(LANGUAGE, { minimumFractionDigits: count, maximumFractionDigits: count });
export const percent = (value, count = 0) => value.toLocaleString(LANGUAGE, { style: "percent", maximumFractionDigits: count });
export const date = (iso) => new Date(iso).toLocaleDateString(LANGUAGE, { day: "numeric", month: "long", year: "numeric" });

/** The text with what stands in braces filled in. */
export const fill = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** The same as a list of texts and nodes, where a value may be a node or a list of nodes. */
export const fillNodes = (text, values) =>
  text.split(/(\{\w+\})/).flatMap((part) => (part.startsWith("{") ? values[part.slice(1, -1)] : part));

/** The singular or the plural of a pair, filled in. */
export const plural = (pair, n, values = {}) =>
  fill(pair[rules.select(n) === "one" ? 0 : 1], { n: number(n), ...values });

/** "A, B and C", where the items are nodes. */
export function listNodes(nodes) {
  let next = 0;
  return lists.formatToParts(nodes.map(() => "x")).map((part) => (part.type === "element" ? nodes[next++] : part.value));
}
