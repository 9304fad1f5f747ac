// Results: which creatives did best and worst, with how sure that is, day by day, side by side, and by what they show.

import { picture } from "./cards.js";
import { h } from "./dom.js";
import { count, day, decimal, exact, featureTold, many, said, title } from "./format.js";
import { saveTable } from "./tables.js";

const METRICS = [
  { key: "ctr", name: "Click-through rate", up: "clicks", low: "impressions", events: "clicks" },
  { key: "cvr", name: "Conversion rate", up: "conversions", low: "clicks", events: "conversions" },
  { key: "cpc", name: "Cost per click", up: "spend", low: "clicks", events: "clicks", money: true, less: true },
  { key: "cpm", name: "Cost per thousand impressions", up: "spend", low: "impressions", events: "impressions", money: true, scale: 1000, less: true },
  { key: "cpa", name: "Cost per conversion", up: "spend", low: "conversions", events: "conversions", money: true, less: true },
  { key: "hook", name: "Hook rate (views by impressions)", up: "video_views", low: "impressions", events: "video_views" },
  { key: "hold", name: "Hold rate (seen to the end, by views)", up: "video_100", low: "video_views", events: "video_100" },
];
const NOT_TOLD = "not told"; // stands for a currency
const SHOWN = 10;
const LEAST_EVENTS = 30; // below, a rate says nothing
const SURE = 1.96;
// As data.py reads.
const HELD =
  "the last 90 days that results tell of at most, and the 500 creatives with most impressions. " +
  "What ads with several creatives got is no single one's, and left out.";

/** The sections on what creatives got; none where no results of days or ads are known. */
export function resultsSections(report, state, go, open) {
  if (!report.daily.length) return [];
  const chosen = choice(state);
  const all = report.daily.filter((row) => fits(row, chosen));
  const metric = METRICS.find((each) => each.key === chosen.metric) ?? METRICS[0];
  const currencies = metric.money ? currenciesOf(all, metric) : [];
  const currency = currencies.includes(chosen.currency) ? chosen.currency : currencies[0];
  const rows = metric.money ? all.filter((row) => currencyOf(row) === currency) : all;
  const shown = { report, all, rows, metric, ...ranking(rows, metric), currencies, currency, state, go, open, chosen: { ...chosen, currency } };
  return [controls(shown), h("p", { class: "quiet" }, `Shown are ${covered(report.daily)}${HELD}`), leaders(shown), compared(shown), overTime(shown), byFeature(shown), wearing(shown)];
}

const currencyOf = (row) => row.currency ?? NOT_TOLD;

/** Those of rows that tell the metric; first the one with most impressions, which can be counted across all of them. */
function currenciesOf(rows, metric) {
  const impressions = new Map();
  for (const row of rows) {
    if (row[metric.up] === undefined || row[metric.low] === undefined) continue;
    impressions.set(currencyOf(row), (impressions.get(currencyOf(row)) ?? 0) + (row.impressions ?? 0));
  }
  return [...impressions].sort(([one, its], [other, others]) => others - its || one.localeCompare(other)).map(([each]) => each);
}

/** From which day to which there are results here, to begin a sentence on that with. */
function covered(daily) {
  const days = daily.map((row) => row.day).filter(Boolean).sort();
  if (!days.length) return "";
  return days[0] === days.at(-1) ? `${day(days[0])}: ` : `${day(days[0])} to ${day(days.at(-1))}: `;
}

function choice(state) {
  const one = (key) => state.chosen.get(key)?.[0] ?? "";
  return {
    metric: one("metric"),
    network: one("network"),
    campaign: one("campaign"),
    currency: one("currency"),
    from: one("from"),
    to: one("to"),
    group: one("group"),
    compare: (state.chosen.get("compare") ?? []).slice(-2),
  };
}

function fits(row, chosen) {
  const dated = !chosen.from && !chosen.to ? true : row.day !== undefined;
  return (
    (!chosen.network || row.network === chosen.network) &&
    (!chosen.campaign || row.campaign === chosen.campaign) &&
    dated &&
    (!chosen.from || row.day >= chosen.from) &&
    (!chosen.to || row.day <= chosen.to)
  );
}

/** A ratio of sums over rows that tell both; null where there is nothing to divide by. */
function ratio(rows, metric) {
  let up = 0;
  let low = 0;
  let events = 0;
  for (const row of rows) {
    if (row[metric.up] === undefined || row[metric.low] === undefined) continue;
    up += Number(row[metric.up]);
    low += Number(row[metric.low]);
    events += Number(row[metric.events]);
  }
  if (!low) return null;
  const value = ((metric.scale ?? 1) * up) / low;
  const reach = events ? SURE / Math.sqrt(events) : Infinity;
  return { value, events, low: value * Math.exp(-reach), high: value * Math.exp(reach) };
}

/** Creatives by the metric, the best first, and how many have too few events to say; rows with money are of one currency. */
function ranking(rows, metric) {
  const groups = new Map();
  for (const row of rows) {
    groups.set(row.canonical_id, [...(groups.get(row.canonical_id) ?? []), row]);
  }
  const told = [...groups]
    .map(([id, some]) => ({ id, currency: some[0].currency, rows: some, rate: ratio(some, metric) }))
    .filter((each) => each.rate);
  const ranked = told
    .filter((each) => each.rate.events >= LEAST_EVENTS)
    .sort((one, other) => (metric.less ? one.rate.value - other.rate.value : other.rate.value - one.rate.value));
  return { ranked, thin: told.length - ranked.length };
}

/** A rate; the ends of its interval with as many digits as it has itself. */
function shownRate(value, metric, currency, like = value) {
  if (!metric.money) return `${exact(100 * value, 100 * like)} %`;
  return `${exact(value, like)} ${currency ?? "(currency not told)"}`;
}

function controls({ report, state, go, chosen, currencies }) {
  const values = (name) => [...new Set(report.daily.map((row) => row[name]).filter(Boolean))].sort();
  const put = (key, value) => {
    const next = new Map(state.chosen);
    if (value) next.set(key, [value]);
    else next.delete(key);
    go({ ...state, chosen: next });
  };
  const select = (key, text, options) =>
    h("label", {}, text, h("select", { id: `results-${key}`, change: (event) => put(key, event.target.value) },
      options.map(([value, name]) => h("option", { value, selected: value === chosen[key] }, name))));
  const date = (key, text) =>
    h("label", {}, text, h("input", { id: `results-${key}`, type: "date", value: chosen[key], change: (event) => put(key, event.target.value) }));
  const groups = report.features.filter((each) => each.type === "BOOLEAN" || each.type === "STRING").map((each) => [each.name, title(each.name)]);
  return h(
    "form",
    { class: "choices", "aria-label": "What is shown", submit: (event) => event.preventDefault() },
    select("metric", "Metric", METRICS.map((each) => [each.key, each.name])),
    currencies.length > 1 ? select("currency", "Currency", currencies.map((each) => [each, each])) : null,
    select("network", "Network", [["", "All"], ...values("network").map((each) => [each, each])]),
    select("campaign", "Campaign", [["", "All"], ...values("campaign").map((each) => [each, each])]),
    date("from", "From"),
    date("to", "To"),
    select("group", "By feature", [["", "None"], ...groups]),
    h("button", { type: "button", class: "button", click: () => download(report, report.daily.filter((row) => fits(row, chosen))) }, "Export (CSV)"),
  );
}

function leaders({ ranked, thin, metric, ...shown }) {
  const events = metric.events.replace("_", " ");
  if (!ranked.length) return h("p", { class: "empty" }, `No creative has ${LEAST_EVENTS} ${events} or more in what is chosen.`);
  const bottom = ranked.slice(SHOWN).slice(-SHOWN).reverse();
  return [
    h("section", { class: "metric" }, h("h2", {}, `Best by ${metric.name.toLowerCase()}`), table(ranked.slice(0, SHOWN), metric, shown, "Best creatives")),
    bottom.length ? h("section", { class: "metric" }, h("h2", {}, "And the last"), table(bottom, metric, shown, "Last creatives")) : null,
    thin ? h("p", { class: "quiet" }, `Left out: ${many(thin, "creative")} with fewer than ${LEAST_EVENTS} ${events}, which say nothing yet.`) : null,
  ];
}

function table(ranked, metric, { report, state, go, open, chosen }, name) {
  const heads = ["Creative", metric.name, "By chance alone", "Impressions", "Wears out", "Beside another"];
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": name },
    h("table", { class: "numbers" },
      h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, ranked.map((each) => {
        const impressions = each.rows.reduce((sum, row) => sum + (row.impressions ?? 0), 0);
        const both = chosen.compare.includes(each.id);
        return h("tr", {},
          h("th", { scope: "row" }, h("button", { type: "button", class: "link", click: () => open(each.id) }, nameOf(report, each.id))),
          h("td", {}, h("strong", {}, shownRate(each.rate.value, metric, each.currency))),
          h("td", {}, `${shownRate(each.rate.low, metric, each.currency, each.rate.value)} to ${shownRate(each.rate.high, metric, each.currency, each.rate.value)}`),
          h("td", {}, count(impressions)),
          h("td", {}, wear(report, each.id, metric)),
          h("td", {}, h("button", { type: "button", class: "link", "aria-pressed": String(both), "aria-label": `Compare ${nameOf(report, each.id)}`, click: () => go({ ...state, chosen: withCompared(state.chosen, chosen.compare, each.id) }) }, both ? "Chosen" : "Compare")),
        );
      }))));
}

/** How a creative holds, by the metric that is shown; by those that are told, where it is none of them. */
function wear(report, id, metric) {
  const held = report.fatigue.filter((row) => row.canonical_id === id);
  const own = held.find((row) => row.metric === metric.name.toLowerCase());
  return own ? own.state : held.map((row) => `${row.metric}: ${row.state}`).join(", ") || "–";
}

function withCompared(before, compare, id) {
  const next = new Map(before);
  const ids = compare.includes(id) ? compare.filter((each) => each !== id) : [...compare, id].slice(-2);
  if (ids.length) next.set("compare", ids);
  else next.delete("compare");
  return next;
}

const creativeOf = (report, id) => report.creatives.find((each) => each.creative_id === id);

/** What people call it: its name, that of one of its copies, or an ad that shows it; the start of its id where none is known. */
function nameOf(report, id) {
  const own = creativeOf(report, id);
  const all = own && own.name !== id.slice(0, 12) ? [own] : [own, ...report.creatives.filter((each) => each.canonical_id === id)].filter(Boolean);
  const named = all.find((each) => each.name !== each.creative_id.slice(0, 12));
  if (named) return named.name;
  const ad = all.flatMap((each) => each.ads ?? []).find((each) => each.ad_id);
  return ad ? `Ad ${ad.ad_id}` : id.slice(0, 12);
}

/** Two creatives side by side: what they got, and in what they differ. */
function compared({ report, all, chosen }) {
  if (!chosen.compare.length) return null;
  if (chosen.compare.length < 2) return h("p", { class: "quiet" }, `${nameOf(report, chosen.compare[0])} is chosen: choose another one beside it.`);
  const both = chosen.compare.map((id) => ({ id, creative: creativeOf(report, id), rows: all.filter((row) => row.canonical_id === id) }));
  const rates = METRICS.flatMap((metric) => {
    const currencies = metric.money ? [...new Set(both.flatMap((each) => each.rows.map((row) => row.currency)))] : [undefined];
    return currencies.map((currency) => [metric.name, ...both.map((each) => {
      const rate = ratio(metric.money ? each.rows.filter((row) => row.currency === currency) : each.rows, metric);
      return rate ? shownRate(rate.value, metric, currency) : "–";
    })]);
  }).filter(([, one, other]) => one !== "–" || other !== "–");
  const names = [...new Set(both.flatMap((each) => Object.keys(each.creative?.features ?? {})))];
  const shows = names.map((name) => [title(name), ...both.map((each) => inWords(name, each.creative?.features?.[name]))]).filter(([, one, other]) => one !== other);
  return h("section", { class: "metric" }, h("h2", {}, "Side by side"),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Two creatives side by side" },
      h("table", { class: "numbers" },
        h("thead", {}, h("tr", {}, h("td", {}), both.map((each) => h("th", { scope: "col" }, each.creative ? h("span", { class: "frame small" }, picture(each.creative)) : null, nameOf(report, each.id))))),
        h("tbody", {}, [...rates, ...shows].map(([name, ...values]) => h("tr", {}, h("th", { scope: "row" }, name), values.map((value) => h("td", {}, value))))))));
}

function inWords(name, value) {
  return value === undefined || value === null ? "–" : featureTold(name, value);
}

/** The metric by day, of all that is chosen: bars, and the numbers for who cannot see them. */
function overTime({ rows, metric }) {
  const days = new Map();
  for (const row of rows) if (row.day) days.set(row.day, [...(days.get(row.day) ?? []), row]);
  const rates = [...days].sort(([one], [other]) => (one < other ? -1 : 1)).map(([text, some]) => [text, ratio(some, metric)]).filter(([, rate]) => rate);
  if (rates.length < 2) return null;
  const most = Math.max(...rates.map(([, rate]) => rate.value)) || 1;
  const currency = rows[0].currency;
  return h("figure", { class: "days" },
    h("figcaption", {}, h("span", { class: "swatch solid" }), `${metric.name} by day`),
    h("div", { class: "columns", "aria-hidden": true }, rates.map(([text, rate]) => h("div", { title: `${day(text)}: ${shownRate(rate.value, metric, currency)}` }, h("span", { class: "solid", style: { height: `${(100 * rate.value) / most}%` } })))),
    h("p", { class: "ends" }, h("span", {}, `${day(rates[0][0])}: ${shownRate(rates[0][1].value, metric, currency)}`), h("span", {}, `${day(rates.at(-1)[0])}: ${shownRate(rates.at(-1)[1].value, metric, currency)}`)));
}

function byFeature({ report, rows, metric, chosen }) {
  if (!chosen.group) return null;
  const groups = new Map();
  for (const row of rows) {
    const value = creativeOf(report, row.canonical_id)?.features?.[chosen.group];
    for (const each of value === undefined ? [] : [value].flat()) {
      groups.set(said(each), [...(groups.get(said(each)) ?? []), row]);
    }
  }
  const found = [...groups].map(([value, some]) => [value, some, ratio(some, metric)]).filter(([, , rate]) => rate);
  found.sort(([, , one], [, , other]) => other.events - one.events);
  return h("section", { class: "metric" }, h("h2", {}, `${metric.name} by ${title(chosen.group).toLowerCase()}`),
    found.length ? h("table", { class: "numbers" }, h("thead", {}, h("tr", {}, [title(chosen.group), metric.name, "Creatives"].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, found.slice(0, 50).map(([value, some, rate]) => h("tr", {}, h("th", { scope: "row" }, value), h("td", {}, shownRate(rate.value, metric, some[0].currency)), h("td", {}, count(new Set(some.map((row) => row.canonical_id)).size))))))
      : h("p", { class: "quiet" }, "It is known of no creative with results."));
}

function wearing({ report, open }) {
  const worn = report.fatigue.filter((row) => row.state === "worn" || row.state === "wearing");
  const thin = report.fatigue.filter((row) => row.state === "too thin").length;
  const percent = (value) => `${value < 0 ? "−" : "+"}${decimal(Math.abs(100 * value))} %`;
  return h("section", { class: "metric" }, h("h2", {}, "Wearing out"),
    h("p", { class: "quiet" }, `Each creative over all ads that show it, which networks judge one by one.${thin ? ` ${many(thin, "rate")} too thin to tell.` : ""}`),
    worn.length ? h("ul", { class: "worn" }, worn.map((row) => h("li", {},
      h("button", { type: "button", class: "link", click: () => open(row.canonical_id) }, nameOf(report, row.canonical_id)),
      ` ${row.state} since ${day(row.since)}: ${row.metric} ${percent(row.change)} (${percent(row.low)} to ${percent(row.high)}), in ${many(row.n_ads, "ad")}`,
      row.change_by_impressions === undefined ? null : `; ${percent(row.change_by_impressions)} (${percent(row.low_by_impressions)} to ${percent(row.high_by_impressions)}) from the first to the last of ${count(row.impressions)} impressions`)))
      : h("p", {}, "None for certain."));
}

/** The chosen rows as a file. */
function download(report, rows) {
  const names = ["creative", "canonical_id", "day", "network", "campaign", "currency", "impressions", "clicks", "spend", "conversions", "conversion_value", "video_views", "video_25", "video_50", "video_75", "video_100"];
  saveTable("results.csv", names, rows.map((row) => names.map((name) => (name === "creative" ? nameOf(report, row.canonical_id) : row[name]))));
}
