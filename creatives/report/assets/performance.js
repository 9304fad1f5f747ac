// Performance: which features go with better results, with sample sizes and intervals, and no claim on thin data.

import { h, idOf, isLive, svg, unfolding } from "./dom.js";
import { count, decimal, many, precise, said, title } from "./format.js";
import { resultsSections } from "./results.js";

const WIDTH = 320;
const LEAST_CREATIVES = 8; // of equal weight, as lifts.py has it
const LEAST_EVENTS = 30;
const FARTHEST = 1; // a change by the whole: what lies beyond is drawn at the edge

/** The view: what creatives got, then a table of what goes with it for each metric, what is certain first. */
export function performanceView(report, state, go, open) {
  const named = (lift) => (lift.currency ? `${lift.metric} (${lift.currency})` : lift.metric);
  const metrics = [...new Set(report.lifts.map(named))];
  return [
    h(
      "div",
      { class: "head" },
      h("h1", {}, "Performance"),
      h(
        "p",
        { class: "lead" },
        "What creatives got, over all ads that show them, and what goes with it. What goes together need not be the cause: networks choose whom they show which creative.",
      ),
    ),
    metrics.length || report.daily.length ? null : noResults(),
    resultsSections(report, state, go, open),
    metrics.length ? whatGoesWith() : null,
    metrics.map((metric) =>
      metricSection(
        metric,
        report.lifts.filter((lift) => named(lift) === metric),
      ),
    ),
  ];
}

function noResults() {
  return h(
    "div",
    { class: "empty" },
    h("p", {}, "No results of ads are known yet, so nothing can be said of what works."),
    h(
      "p",
      { class: "quiet" },
      `Give them with the ads, or by themselves: ${isLive ? "drop the exports" : "creatives results FILE takes the exports"} of Meta, Google Ads, TikTok and DV360, ${isLive ? "or" : "and"} any list with an ad's id and numbers${isLive ? ", above" : ""}. For example:`,
    ),
    h("pre", {}, "ad_id,day,campaign,impressions,clicks,spend_usd\n101,2026-11-02,Autumn,12000,180,96.50"),
  );
}

function whatGoesWith() {
  return h(
    "section",
    { class: "metric" },
    h("h2", {}, "What goes with better results"),
    h(
      "p",
      { class: "quiet" },
      "Creatives that show something beside those that do not, within the same campaign and network. The line is the interval of the difference, wider than 95 % since many features are looked at: of all that is claimed, one in twenty at most should be chance. Where the line crosses zero nothing is claimed, nor below " +
        `${LEAST_CREATIVES} creatives of equal weight or ${LEAST_EVENTS} clicks, conversions or impressions on either side.`,
    ),
  );
}

function metricSection(metric, lifts) {
  const sure = lifts
    .filter((lift) => lift.verdict !== "no claim")
    .sort((one, other) => Math.abs(other.lift) - Math.abs(one.lift));
  const thin = lifts.filter((lift) => lift.verdict === "no claim");
  return h(
    "section",
    { class: "metric" },
    h("h2", {}, title(metric)),
    sure.length ? liftTable(metric, sure) : h("p", { class: "quiet" }, "No difference is certain."),
    thin.length
      ? unfolding(
          idOf("thin", metric),
          {},
          { text: `No claim: ${count(thin.length)}` },
          liftTable(`${metric}, no claim`, thin),
        )
      : null,
  );
}

function liftTable(name, lifts) {
  const heads = ["Feature", "Difference", "Interval", "With it", "Without it"];
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": name },
    h(
      "table",
      { class: "numbers lifts" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map((text) => h("th", { scope: "col" }, text)),
        ),
      ),
      h("tbody", {}, lifts.map(liftRow)),
    ),
  );
}

function liftRow(lift) {
  return h(
    "tr",
    { class: lift.verdict.replace(" ", "-") },
    h("th", { scope: "row" }, `${title(lift.feature)}: ${said(lift.value)}`),
    h(
      "td",
      {},
      h("span", { class: "lift" }, lift.lift === undefined ? "–" : signed(lift.lift)),
      h("small", {}, ` ${verdict(lift)}`),
    ),
    h(
      "td",
      {},
      lift.low === undefined
        ? "–"
        : [interval(lift), h("small", {}, `${signed(lift.low)} to ${signed(lift.high)}`)],
    ),
    h("td", {}, means(lift.mean_with, lift.n_with)),
    h("td", {}, means(lift.mean_without, lift.n_without)),
  );
}

/** What is said, with why nothing is claimed. */
function verdict(lift) {
  if (lift.reason === "too few creatives")
    return `no claim: too few creatives, as sure as ${decimal(lift.equal_with)} and ${decimal(lift.equal_without)} of equal weight; ${LEAST_CREATIVES} each are needed`;
  if (lift.reason === "too few events") return `no claim: too few events; ${LEAST_EVENTS} each are needed`;
  return lift.reason ? `no claim: measured and uncertain` : lift.verdict;
}

const means = (mean, n) => [precise(mean), h("small", {}, ` ${many(n, "creative")}`)];
const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${decimal(Math.abs(100 * value))} %`;

function interval(lift) {
  const x = (value) => (WIDTH / 2) * (1 + Math.max(-1, Math.min(1, value / FARTHEST)));
  return svg(
    "svg",
    { class: "interval", viewBox: `0 0 ${WIDTH} 16`, "aria-hidden": true },
    svg("line", { x1: WIDTH / 2, x2: WIDTH / 2, y1: 0, y2: 16, class: "zero" }),
    svg("line", { x1: x(lift.low), x2: x(lift.high), y1: 8, y2: 8, class: "range" }),
    svg("circle", { cx: x(lift.lift), cy: 8, r: 5 }),
  );
}
