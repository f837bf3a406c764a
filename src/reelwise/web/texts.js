// The words of texts.json, and numbers, dates and lists as its language writes them.
// What stands in {braces} is filled in; a text that counts has a form for each plural (Intl.PluralRules).

import T from "./texts.json" with { type: "json" };
export { T };

const rules = new Intl.PluralRules(T.language);
const lists = new Intl.ListFormat(T.language, { type: "conjunction" });

const local = (value, style) => value.toLocaleString(T.language, style);
export const number = (value) => local(value);
export const digits = (value, count = 1) => local(value, { minimumFractionDigits: count, maximumFractionDigits: count });
export const percent = (value, count = 0) => local(value, { style: "percent", maximumFractionDigits: count });
export const date = (iso) => new Date(iso).toLocaleDateString(T.language, { dateStyle: "long" });

/** The text with what stands in braces filled in, as a list; a value may be a node or several. */
export const fillNodes = (text, values) => text.split(/\{(\w+)\}/).flatMap((part, i) => (i % 2 ? values[part] : part));

/** The same as a text. */
export const fill = (text, values) => fillNodes(text, values).join("");

/** The form of a text that fits a number, filled in. */
export const plural = (forms, n, values) => fill(forms[rules.select(n)] ?? forms.other, { n: number(n), ...values });

/** "A, B and C", where the items are nodes. */
export const listNodes = (nodes) => fillNodes(lists.format(nodes.map((_, i) => `{${i}}`)), nodes);
