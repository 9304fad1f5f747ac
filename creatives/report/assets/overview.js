// The overview: what came in, what became of it, what the creatives show.

import { card } from "./cards.js";
import { h } from "./dom.js";
import { TO_BEGIN } from "./empty.js";
import { featureOf } from "./facets.js";
import { flowFigure, sumOfAds } from "./flow.js";
import { count, many, money, share } from "./format.js";
import { figure, spendingOf, spentOf } from "./money.js";
import { matching, relatives } from "./report.js";
import { addressOf, plainState, toggled } from "./state.js";

const FACETS_SHOWN = 6;
const OPTIONS_SHOWN = 5;
const CARDS_SHOWN = 5;

/** The view. */
export function overviewView(report, open) {
  const { totals } = report;
  const all = matching(report, plainState("gallery"));
  if (!totals.ads)
    return [
      h("div", { class: "head" }, h("h1", {}, "Nothing has come in yet")),
      h("p", { class: "lead" }, TO_BEGIN),
    ];
  return [
    h("div", { class: "head" }, h("h1", { class: "headline" }, headline(totals))),
    figures(report),
    mostUsed(report, all, open),
    h(
      "section",
      { class: "block" },
      h("h2", {}, "What became of the ads"),
      flowFigure(report.flow),
      h("p", { class: "sum" }, `${sumOfAds(totals)}.`),
      h("p", { class: "quiet" }, sumOfFiles(totals)),
    ),
    shownSection(report, all),
  ];
}

function headline({ ads, files, filesByStatus }) {
  const saved = filesByStatus.duplicate
    ? `, ${count(filesByStatus.duplicate)} of them copies of another`
    : "";
  return `${many(ads, "ad")} ${ads === 1 ? "uses" : "use"} ${many(files, "file")}${saved}.`;
}

function sumOfFiles({ files, filesByStatus }) {
  const { analysed, duplicate, failed, pending } = filesByStatus;
  const parts = [
    `${count(analysed)} with features of their own`,
    `${many(duplicate, "duplicate")} of those`,
    `${count(failed)} failed`,
  ];
  if (pending) parts.push(`${count(pending)} in progress`);
  return `${many(files, "different file")} = ${parts.join(" + ")}.`;
}

function figures(report) {
  const { byStatus, filesByStatus, ads } = report.totals;
  const money_ = spendingOf(report);
  const spent = money_.unpriced && money_.spent ? "spent, as far as known" : "spent";
  return h(
    "ul",
    { class: "figures" },
    figure(count(ads), ads === 1 ? "ad" : "ads"),
    figure(count(filesByStatus.analysed), "creatives analysed"),
    figure(count(byStatus.duplicate), "ads reuse a known creative"),
    figure(count(byStatus.failed), "ads need attention", byStatus.failed ? "warn" : ""),
    byStatus.pending ? figure(count(byStatus.pending), "ads in progress") : null,
    figure(spentOf(money_), money_.saved ? `${spent}, ${money(money_.saved)} saved` : spent),
  );
}

function mostUsed(report, { found }, open) {
  const shown = found
    .map((index) => report.creatives[index])
    .filter((creative) => creative.status !== "failed")
    .slice(0, CARDS_SHOWN);
  return h(
    "section",
    { class: "block" },
    h(
      "div",
      { class: "row" },
      h("h2", {}, "Most used"),
      h("a", { href: "#/gallery" }, `All ${many(found.length, "creative")}`),
    ),
    shown.length
      ? h(
          "ul",
          { class: "grid strip-of-cards" },
          shown.map((creative) => card(creative, relatives(report, creative), open)),
        )
      : h("p", { class: "quiet" }, "Nothing that came in could be opened: Failures says why."),
  );
}

/** The features most can be told of, each with its commonest values; a click shows those creatives. */
function shownSection(report, { counts, found }) {
  const analysed = found.filter((index) => report.creatives[index].features).length;
  const facets = report.facets
    .map((facet, nth) => ({
      ...facet,
      counts: counts[nth],
      told: counts[nth].reduce((sum, each) => sum + each, 0),
    }))
    .filter((facet) => featureOf(facet) && facet.told && facet.options.length > 1)
    .sort((one, other) => other.told - one.told)
    .slice(0, FACETS_SHOWN);
  if (!facets.length) return null;
  return h(
    "section",
    { class: "block" },
    h("h2", {}, "What the creatives show"),
    h(
      "div",
      { class: "shares" },
      facets.map((facet) => shares(facet, analysed)),
    ),
  );
}

function shares(facet, total) {
  const rows = facet.options
    .map((option, code) => ({ ...option, n: facet.counts[code] }))
    .sort((one, other) => other.n - one.n);
  return h(
    "section",
    {},
    h("h3", { title: facet.hint }, facet.title),
    h(
      "ul",
      {},
      rows
        .slice(0, OPTIONS_SHOWN)
        .map((row) =>
          h(
            "li",
            {},
            h(
              "a",
              { href: addressOf(toggled(plainState("gallery"), facet.key, row.value)) },
              h("span", { class: "option" }, row.label),
              h("span", { class: "number" }, count(row.n), h("small", {}, ` ${share(row.n, total)}`)),
              h(
                "span",
                { class: "track" },
                h("span", { style: { width: `${(100 * row.n) / Math.max(1, total)}%` } }),
              ),
            ),
          ),
        ),
    ),
  );
}
