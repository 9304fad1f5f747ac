// The overview: what came in, what became of it, what the creatives show.

import { card } from "./cards.js";
import { optionLine } from "./colours.js";
import { h } from "./dom.js";
import { AWAITED, TO_BEGIN } from "./empty.js";
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
      totals.files ? h("p", { class: "quiet" }, sumOfFiles(totals)) : null,
    ),
    shownSection(report, all),
  ];
}

/** "12 ads use 9 files so far, 2 of them copies of another; 3 in progress; 1 more ad led to no file." */
function headline({ ads, byStatus, files, filesByStatus, unopened }) {
  const { pending } = byStatus;
  if (!files) return withoutFiles(byStatus);
  const copies = filesByStatus.duplicate;
  const saved = copies ? `, ${count(copies)} of them ${copies === 1 ? "a copy" : "copies"} of another` : "";
  const rest = pending ? `; ${count(pending)} in progress` : "";
  const others = unopened ? `; ${many(unopened, "more ad")} led to no file` : "";
  const using = ads - unopened;
  return `${many(using, "ad")} ${using === 1 ? "uses" : "use"} ${many(files, "file")}${pending ? " so far" : ""}${saved}${rest}${others}.`;
}

/** What is said while no file has been opened. */
function withoutFiles({ pending, failed }) {
  const parts = [pending ? `${many(pending, "ad")} in progress` : "", failed ? `${many(failed, "ad")} could not be opened` : ""];
  return `${parts.filter(Boolean).join(", ")}.`;
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
    counted(ads, "ad", "ads"),
    counted(filesByStatus.analysed, "creative analysed", "creatives analysed"),
    counted(byStatus.duplicate, "ad reuses a known creative", "ads reuse a known creative"),
    counted(byStatus.failed, "ad needs attention", "ads need attention", byStatus.failed ? "warn" : ""),
    byStatus.pending ? counted(byStatus.pending, "ad in progress", "ads in progress") : null,
    figure(spentOf(money_), money_.saved ? `${spent}, ${money(money_.saved)} saved` : spent),
  );
}

const counted = (number, one, several, tone) => figure(count(number), number === 1 ? one : several, tone);

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
      found.length ? h("a", { href: "#/gallery" }, `${found.length > 1 ? "All " : ""}${many(found.length, "creative")}`) : null,
    ),
    shown.length
      ? h(
          "ul",
          { class: "grid strip-of-cards" },
          shown.map((creative) => card(creative, relatives(report, creative), open)),
        )
      : h("p", { class: "quiet" }, report.totals.byStatus.pending ? AWAITED : ["Nothing that came in could be opened: ", h("a", { href: "#/failures" }, "Failures"), " says why."]),
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
    .map((option, code) => ({ ...option, code, n: facet.counts[code] }))
    .filter((row) => row.n)
    .sort((one, other) => other.n - one.n);
  const more = rows.length - OPTIONS_SHOWN;
  const commonest = rows.slice(0, OPTIONS_SHOWN);
  if (facet.ordered) commonest.sort((one, other) => one.code - other.code);
  return h(
    "section",
    {},
    h("h3", { title: facet.hint }, facet.title, more > 0 ? h("small", {}, ` the ${OPTIONS_SHOWN} commonest of ${count(rows.length)}`) : null),
    h(
      "ul",
      {},
      commonest.map((row) =>
        h(
          "li",
          {},
          h(
            "a",
            { href: addressOf(toggled(plainState("gallery"), facet.key, row.value)) },
            h("span", { class: "option" }, optionLine(featureOf(facet), row.value, row.label)),
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
