// The words of the document's language, and numbers, dates and lists as the reader writes them.
// {Braces} are filled in; a text with a count has a form for each plural (Intl.PluralRules).

const file = import(`../texts/${document.documentElement.lang}.json`, { with: { type: "json" } });
file.catch(() => dispatchEvent(new Event("unloaded"))); // theme.js tells
export const { default: T } = await file;

const locale = navigator.languages.find((tag) => tag.split("-")[0] === T.language) ?? T.language;
const rules = new Intl.PluralRules(locale);
const lists = new Intl.ListFormat(locale, { type: "conjunction" });

const local = (value, style) => value.toLocaleString(locale, style);
export const number = (value) => local(value);
export const digits = (value, count = 1) => local(value, { minimumFractionDigits: count, maximumFractionDigits: count });
export const percent = (value, count = 0) => local(value, { style: "percent", maximumFractionDigits: count });
export const date = (iso) => new Date(iso).toLocaleDateString(locale, { dateStyle: "long" });

/** The text with its braces filled in, as a list; a value may be a node or several. */
export const fillNodes = (text, values) => text.split(/\{(\w+)\}/).flatMap((part, i) => (i % 2 ? values[part] : part));

/** The same, as a text. */
export const fill = (text, values) => fillNodes(text, values).join("");

/** The form of a text that fits a number. */
export const formFor = (forms, n) => forms[rules.select(n)] ?? forms.other;

/** The same, filled in. */
export const plural = (forms, n, values) => fill(formFor(forms, n), { n: number(n), ...values });

/** The name of a country, by its two letters. */
export const countryName = (code) => new Intl.DisplayNames(locale, { type: "region" }).of(code);

/** The reader's country, if the browser tells it; else "". */
export const homeCountry = () => navigator.languages.map((tag) => new Intl.Locale(tag).region).find((region) => /^[A-Z]{2}$/.test(region ?? "")) ?? "";

/** "A, B and C". */
export const list = (items) => lists.format(items);

/** The same, where the items are nodes. */
export const listNodes = (nodes) => fillNodes(list(nodes.map((_, i) => `{${i}}`)), nodes);

/** The name of a genre; one that MovieLens does not have stays as it is. */
export const genreName = (genre) => T.genreNames[genre] ?? genre;
