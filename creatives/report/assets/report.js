// The data, prepared once so that filtering ten thousand creatives takes milliseconds.

import { sayable } from "./corrections.js";
import { facetsOf } from "./facets.js";
import { looking, searchable } from "./folding.js";
import { featureText, label, title } from "./format.js";

const LOCAL = "local"; // the name that the pipeline on a person's own machine has for its project
const ALL_ADS = 1e12; // more than there are
const LEAST_OF_ID = 8; // characters: shorter ones are words

/** What the page works with: the data itself, its creatives by id and by family, their uses, facets, texts and orders. */
export function prepare(data) {
  const { creatives } = data;
  return {
    ...data,
    byId: new Map(creatives.map((creative) => [creative.creative_id, creative])),
    families: familiesOf(creatives),
    uses: usesOf(creatives),
    facets: facetsOf(creatives, data.features),
    texts: textsOf(creatives),
    isCopy: creatives.map((creative) => creative.match === "duplicate"),
    orders: new Map(),
    totals: totalsOf(data.flow),
  };
}

/** The creatives that match a state, `among` some or all, in its order, and how many each option of a facet would leave. */
export function matching(report, state, among = null) {
  const has = looking(state.query);
  const active = report.facets.map((facet) => chosenCodes(facet, state.chosen.get(facet.key)));
  const counts = report.facets.map((facet) => new Array(facet.options.length).fill(0));
  const found = [];
  for (const index of order(report, state.sort)) {
    if (report.isCopy[index] && !state.copies) continue;
    if (among && !among.has(report.creatives[index].creative_id)) continue;
    if (!isIdOf(state.query, report.creatives[index]) && !has(report.texts[index])) continue;
    const missed = missedFacets(report.facets, active, index);
    if (missed.length === 0) found.push(index);
    if (missed.length > 1) continue;
    report.facets.forEach((facet, nth) => {
      if (missed.length === 0 || missed[0] === nth)
        for (const code of facet.codes[index]) counts[nth][code] += 1;
    });
  }
  return { found, counts };
}

/** The ways to sort: by what every creative has, and by each feature that is a number. */
export function sortings(report) {
  const numbers = report.features.filter(
    (column) => /^(FLOAT|INT|NUMERIC)/.test(column.type) && !column.repeated,
  );
  const told = numbers.filter((column) =>
    report.creatives.some((creative) => creative.features?.[column.name] !== undefined),
  );
  return [
    { key: "used", title: "Most used" },
    { key: "newest", title: "Newest" },
    { key: "name", title: "Name" },
    { key: "cost", title: "Most expensive" },
    ...(report.creatives.some((creative) => creative.evidence?.length)
      ? [{ key: "unsure", title: "Least sure" }]
      : []),
    ...told.map((column) => ({ key: `f.${column.name}`, title: `${title(column.name)}, highest first` })),
  ];
}

/** Whether it is of the pipeline on a person's own machine, whose buckets nobody has made or looks into. */
export const isHere = ({ project }) => project === LOCAL;

/** Where an ad came from, where that says more than its id does. */
export function sourceOf({ project }, { ad_id: id, source }) {
  const isOwnBucket = isHere({ project }) && source?.startsWith(`gs://${LOCAL}-`);
  return source === id || isOwnBucket ? null : source;
}

/** What went wrong, without the address of the file, or of an equal one: it is told beside it. */
export function detailOf({ detail }, address) {
  if (address && detail?.startsWith(`${address} `)) return `It ${detail.slice(address.length + 1)}`;
  return detail?.replace(/^gs:\/\/.*? (?=(?:is|has) )/, "It ");
}

/** The creative whose features and answer hold for this one: itself unless it is a duplicate. */
export function canonicalOf(report, creative) {
  return report.byId.get(creative.canonical_id) ?? creative;
}

/** What a variant is another version of: what it was found by, or what that is a copy of; null where that is itself. */
export function versionOf(report, creative) {
  const matched = report.byId.get(creative.matched_id);
  const original = matched && canonicalOf(report, matched);
  return original && original !== creative ? original : null;
}

/** The other creatives of its family. */
export function relatives(report, creative) {
  const family = report.families.get(creative.family_id) ?? [];
  return family.filter((each) => each !== creative);
}

/** Ads by status, files by what became of them: sums over the flow, so that every figure of the page agrees. */
export function totalsOf(flow) {
  const sum = (test) => flow.filter(test).reduce((total, way) => total + way.ads, 0);
  const byStatus = (file) =>
    Object.fromEntries(
      ["analysed", "duplicate", "failed", "pending"].map((status) => [
        status,
        sum((way) => way.status === status && (!file || way.file === file)),
      ]),
    );
  return {
    ads: sum(() => true),
    byStatus: byStatus(null),
    files: sum((way) => way.file === "first"),
    filesByStatus: byStatus("first"),
    unopened: sum((way) => way.file === "none" && way.status === "failed"),
  };
}

/** The report of so many ads: those that its data lacks were accepted, and are on their way like others. */
export function withAccepted(report, ads) {
  const known = report.flow.filter((way) => way.origin !== "sent");
  const more = ads - totalsOf(known).ads;
  const flow = more > 0 ? [...known, { origin: "sent", file: "none", status: "pending", ads: more }] : known;
  return { ...report, flow, totals: totalsOf(flow) };
}

/** How many ads use each creative: its own, and those of the duplicates that stand behind it. */
function usesOf(creatives) {
  const uses = new Map(creatives.map((creative) => [creative.creative_id, creative.n_ads]));
  for (const { creative_id, canonical_id, n_ads } of creatives)
    if (canonical_id !== creative_id && uses.has(canonical_id))
      uses.set(canonical_id, uses.get(canonical_id) + n_ads);
  return uses;
}

function familiesOf(creatives) {
  const families = new Map();
  for (const creative of creatives) {
    if (!creative.family_id) continue;
    if (!families.has(creative.family_id)) families.set(creative.family_id, []);
    families.get(creative.family_id).push(creative);
  }
  return families;
}

/** What is searched in: of each creative what is shown, and by which names its duplicates go. */
function textsOf(creatives) {
  const names = new Map();
  for (const creative of creatives) {
    if (creative.canonical_id && creative.canonical_id !== creative.creative_id)
      names.set(creative.canonical_id, [...(names.get(creative.canonical_id) ?? []), ...namesOf(creative)]);
  }
  return creatives.map((creative) => textOf(creative, names.get(creative.creative_id) ?? []));
}

/** By which name of a duplicate a creative was found: none where it has the words itself. */
export function foundBy(report, creative, query) {
  if (!query.trim() || isIdOf(query, creative)) return null;
  const has = looking(query);
  if (has(textOf(creative, []))) return null;
  const copies = relatives(report, creative).filter((each) => each.canonical_id === creative.creative_id);
  const found = copies.find((copy) => has(searchable(namesOf(copy).join("\n")))) ?? null;
  return found && found.name;
}

/** Its name and those of its ads; an upload's path in the bucket is nobody's word. */
function namesOf({ name, ads = [] }) {
  return [name, ...ads.flatMap((ad) => [ad.ad_id, ad.source].filter((each) => !each?.startsWith("gs://")))];
}

/** Names, kind, format and size, the words of the features, tags and notes. */
function textOf(creative, others) {
  const words = Object.entries(creative.features ?? {}).map(([name, value]) =>
    typeof value === "boolean" ? "" : featureText(name, value),
  );
  const labels = [...(creative.tags ?? []), ...(creative.notes ?? []).map((note) => note.text)];
  const { kind, ad_format, aspect_ratio, width, height } = creative;
  const format = [kind ? label(kind) : "", ad_format, aspect_ratio, width ? `${width}x${height} ${width}×${height}` : ""];
  const all = [...namesOf(creative), ...others, ...format, ...words, ...labels];
  return searchable(all.map((each) => String(each ?? "").replaceAll("\n", " ")).join("\n"));
}

/** Whether what is looked for is its id, or the start of it, as the terminal tells it. */
export function isIdOf(query, { creative_id: id }) {
  const typed = query.trim().toLowerCase();
  return typed.length >= LEAST_OF_ID && id.startsWith(typed);
}

function chosenCodes(facet, values) {
  if (!values?.length) return null;
  return new Set(values.map((value) => facet.options.findIndex((option) => option.value === value)));
}

function missedFacets(facets, active, index) {
  const missed = [];
  for (let nth = 0; nth < active.length && missed.length < 2; nth += 1) {
    if (active[nth] && !facets[nth].codes[index].some((code) => active[nth].has(code))) missed.push(nth);
  }
  return missed;
}

/** The numbers of the creatives in an order, sorted when it is first asked for. */
function order(report, sort) {
  if (!report.orders.has(sort)) report.orders.set(sort, sorted(report, sort));
  return report.orders.get(sort);
}

function sorted({ creatives, uses }, sort) {
  const keys = creatives.map((creative) => sortKey(creative, sort, uses));
  const compare = (one, other) => {
    if (keys[one] === keys[other]) return one - other;
    if (keys[one] === null || keys[other] === null) return keys[one] === null ? 1 : -1;
    return (keys[one] < keys[other] ? -1 : 1) * (sort === "name" ? 1 : -1);
  };
  return creatives.map((_, index) => index).sort(compare);
}

/**
 * The creatives of which something is told that nobody had a word on, the least sure first; those where only what quotes
 * nothing is left come last.
 */
export function leastSure(report) {
  const left = order(report, "unsure")
    .map((index) => report.creatives[index])
    .filter((creative) => creative.status === "analysed" && unsaid(report, creative).length);
  return [...left.filter((creative) => !isQuoteless(creative)), ...left.filter(isQuoteless)];
}

/** The features that were told, that a person can have a word on and that nobody had one on. */
export function unsaid(report, creative) {
  const said = saidOf(creative);
  return report.features.filter(
    (column) => sayable(column) && creative.features?.[column.name] !== undefined && !said.has(column.name),
  );
}

/** The features that people had a word on. */
export const saidOf = (creative) => new Set((creative.corrections ?? []).map((each) => each.field));

/** Whether people had a word on it, and on all that it quotes. */
function isQuoteless(creative) {
  const said = saidOf(creative);
  return said.size > 0 && [...doubtful(creative).keys()].every((field) => said.has(field));
}

/** How much each feature that quotes is in doubt: above 2 it was not found, above 1 not readable. */
export function doubtful(creative) {
  const doubts = new Map();
  for (const { field, verified, score } of creative.evidence ?? []) {
    const doubt = verified === "not_found" ? 3 : verified === "unreadable" ? 2 : 1 - (score ?? 1);
    const [said] = field.split("."); // of a part of a record, the record
    doubts.set(said, Math.max(doubts.get(said) ?? 0, doubt));
  }
  return doubts;
}

/** How little what it quotes holds: the share that does not, then how many, then how unsure the reader was. */
function doubt(creative) {
  const evidence = creative.evidence ?? [];
  if (!evidence.length) return null;
  const gone = evidence.filter((each) => each.verified === "not_found").length;
  const worst = Math.min(1, ...evidence.map((each) => each.score ?? 1));
  return 1000 * (1 - (creative.confidence ?? 1)) + Math.min(gone, 99) + (1 - worst) / 2;
}

function sortKey(creative, sort, uses) {
  if (sort === "name") return creative.name.toLowerCase();
  if (sort === "newest") return creative.analysed_at ?? null;
  if (sort === "cost") return creative.cost_usd === undefined ? null : Number(creative.cost_usd);
  if (sort === "unsure") return doubt(creative);
  if (sort.startsWith("f.")) return creative.features?.[sort.slice(2)] ?? null;
  return uses.get(creative.creative_id) - (creative.status === "failed" ? ALL_ADS : 0); // what cannot be looked at, after what can
}
