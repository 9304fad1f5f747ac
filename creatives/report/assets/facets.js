// What the creatives can be filtered by: found in the data itself, so that any feature model has its facets.

import { decimal, label, language, said, title } from "./format.js";

const MOST_OPTIONS = 300;
const LONGEST_OPTION = 48;
const RANGES = 5;
const PRICE = "price"; // in the money that the feature `currency` names
const NUMBERS = new Set(["FLOAT", "FLOAT64", "INTEGER", "INT64", "NUMERIC", "BIGNUMERIC"]);

const FIRST = [
  { key: "tag", title: "Tag", valuesOf: (creative) => creative.tags ?? [], closed: true, labelOf: String },
  { key: "status", title: "Status", valuesOf: (creative) => [creative.status], closed: true },
  { key: "kind", title: "Kind", valuesOf: (creative) => [creative.kind], closed: true },
  { key: "match", title: "Compared", valuesOf: (creative) => [creative.match], closed: true },
];

const QUOTED = { ocr: "Read on it", not_found: "Not found on it", unreadable: "Cannot be read" };

const LAST = [
  {
    key: "quoted",
    title: "What it quotes",
    hint: "Whether what the model quotes was read on the creative.",
    valuesOf: (creative) => (creative.evidence ?? []).map((each) => each.verified),
    closed: true,
    labelOf: (value) => QUOTED[value] ?? value,
  },
  {
    key: "confidence",
    title: "Quotations that hold (%)",
    valuesOf: (creative) => [percent(creative.confidence)],
    numeric: true,
  },
  { key: "ad_format", title: "Format", valuesOf: (creative) => [creative.ad_format] },
  { key: "duration_s", title: "Duration (seconds)", valuesOf: (creative) => [creative.duration_s], numeric: true },
  {
    key: "origin",
    title: "Came in by",
    valuesOf: (creative) => (creative.ads ?? []).map((ad) => ad.origin),
    closed: true,
  },
  { key: "reason", title: "Reason", valuesOf: (creative) => [creative.reason], closed: true, labelOf: title },
];

/**
 * The facets of the creatives: each with its options, and the numbers of those that each creative has.
 * A column is one when its values are short and some come again; numbers are put into ranges.
 */
export function facetsOf(creatives, columns) {
  const described = [...FIRST, ...columns.flatMap((column) => featureFacets(column, creatives)), ...LAST];
  const found = described.map((each) => facetOf(creatives, each)).filter(Boolean);
  return [
    ...found.filter(isUp),
    ...found.filter((facet) => !isUp(facet)),
  ];
}

/** What has one option comes last; people's own tags do not. */
const isUp = (facet) => facet.options.length > 1 || facet.key === "tag";

const percent = (confidence) => (confidence === undefined ? undefined : Math.round(100 * confidence));

/** The feature that a facet is about; null for one about the file. */
export function featureOf(facet) {
  return facet.key.startsWith("f.") ? facet.key.slice(2) : null;
}

/** The facet of a feature; of a price one for each currency, where there are several: a range of both says nothing. */
function featureFacets(column, creatives) {
  const facet = featureFacet(column);
  if (column.name !== PRICE) return [facet];
  const priced = creatives.filter((creative) => creative.features?.[PRICE] !== undefined);
  const currencies = [...new Set(priced.map(currencyOf))].sort();
  if (currencies.length < 2) return [facet];
  return currencies.map((currency) => ({
    ...facet,
    key: `${facet.key}.${currency}`,
    title: `${facet.title} (${currency || "currency not told"})`,
    valuesOf: (creative) => (currencyOf(creative) === currency ? facet.valuesOf(creative) : []),
  }));
}

const currencyOf = ({ features }) => features?.currency ?? "";

function featureFacet(column) {
  return {
    key: `f.${column.name}`,
    title: title(column.name),
    hint: column.description,
    valuesOf: (creative) => scalars(creative.features?.[column.name]),
    numeric: NUMBERS.has(column.type),
    closed: column.type.startsWith("BOOL"),
    labelOf: column.name === "language" ? language : said,
  };
}

/** The values to filter by in a feature: itself, those of a list, of a record the first that is text. */
function scalars(value) {
  if (Array.isArray(value)) return value.flatMap(scalars);
  if (value !== null && typeof value === "object") {
    return scalars(Object.values(value).find((each) => typeof each === "string"));
  }
  return [value];
}

function facetOf(creatives, { valuesOf, numeric, closed, labelOf = label, ...facet }) {
  const values = creatives.map((creative) =>
    valuesOf(creative).filter((value) => value !== null && value !== undefined),
  );
  const { names, order } = numeric ? inRanges(values) : asText(values);
  const times = occurrences(creatives, names);
  if (!isUseful(times, numeric || closed)) return null;
  const options =
    order ??
    [...times.keys()].sort((one, other) => times.get(other) - times.get(one) || compared(one, other));
  const numbers = new Map(options.map((value, number) => [value, number]));
  return {
    ...facet,
    ordered: order !== null,
    options: options.map((value) => ({ value, label: labelOf(value) })),
    codes: names.map((some) => [...new Set(some)].map((value) => numbers.get(value))),
  };
}

const compared = (one, other) => (one < other ? -1 : 1);

function asText(values) {
  return { names: values.map((some) => some.map(String)), order: null };
}

/** How often each value comes, leaving out duplicates, whose features are another creative's. */
function occurrences(creatives, names) {
  const times = new Map();
  names.forEach((some, index) => {
    const weight = creatives[index].status === "duplicate" ? 0 : 1;
    for (const value of some) times.set(value, (times.get(value) ?? 0) + weight);
  });
  return times;
}

function isUseful(times, always) {
  const values = [...times.keys()];
  if (values.length === 0 || values.length > MOST_OPTIONS) return false;
  if (values.some((value) => value.length > LONGEST_OPTION)) return false;
  return always || [...times.values()].some((each) => each > 1);
}

/** Numbers as the names of ranges that hold about as many each; as themselves where there are few. */
function inRanges(values) {
  const sorted = values
    .flat()
    .map(Number)
    .sort((one, other) => one - other);
  const edges = edgesOf(sorted);
  const exact = new Set(sorted).size === edges.length;
  const order = edges.map((edge, nth) => (exact ? decimal(edge) : rangeName(edge, edges[nth + 1])));
  const nameOf = (value) => order[edges.findLastIndex((edge) => edge <= value)];
  return {
    names: values.map((some) => some.map((value) => nameOf(Number(value)))),
    order: [...new Set(order)],
  };
}

function edgesOf(sorted) {
  const distinct = [...new Set(sorted)];
  if (distinct.length <= RANGES + 1) return distinct;
  const quantiles = Array.from({ length: RANGES }, (_, nth) =>
    rounded(sorted[Math.floor((nth * sorted.length) / RANGES)]),
  );
  return [...new Set([Math.min(quantiles[0], distinct[0]), ...quantiles.slice(1)])].sort(
    (one, other) => one - other,
  );
}

function rangeName(from, to) {
  return to === undefined ? `${decimal(from)} and more` : `${decimal(from)} to ${decimal(to)}`;
}

function rounded(value) {
  if (value === 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  return Math.round(value / step) * step;
}
