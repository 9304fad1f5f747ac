// Failures: what went wrong, grouped by what can be done about it.

import { h, outward } from "./dom.js";
import { emptyScreen } from "./empty.js";
import { count, many, ofThem, stageName, title } from "./format.js";
import { detailOf, sourceOf } from "./report.js";

const ADS_SHOWN = 5;

/** The view. */
export function failuresView(report, open) {
  const total = report.failures.reduce((sum, group) => sum + group.n_ads, 0);
  return [
    h(
      "div",
      { class: "head" },
      h("h1", {}, "Failures"),
      h(
        "p",
        { class: "lead" },
        total
          ? `${many(total, "ad")} could not be analysed. Each says what to do.`
          : report.totals.ads
            ? "Every ad could be analysed, or is under way. One that cannot be fetched, opened or read would stand here, with what to do."
            : "Ads that cannot be fetched, opened or read stand here, each with what to do.",
      ),
    ),
    report.totals.ads ? null : emptyScreen("Nothing has come in yet."),
    report.failures.map((group) => groupSection(report, group, open)),
  ];
}

function groupSection(report, group, open) {
  const list = h(
    "ul",
    {},
    group.ads.slice(0, ADS_SHOWN).map((ad) => adItem(report, ad, open)),
  );
  return h(
    "section",
    { class: "failure" },
    h(
      "div",
      { class: "what" },
      h("h2", {}, group.advice),
      h("p", { class: "quiet" }, group.stage ? `${title(group.reason)} (${stageName(group.stage)})` : title(group.reason)),
    ),
    h("p", { class: "amount" }, count(group.n_ads), h("small", {}, ` ${ofThem(group.n_ads, "ad")}`)),
    h("div", { class: "list" }, list, more(report, group, list, open)),
  );
}

function more(report, group, list, open) {
  const rest = group.ads.slice(ADS_SHOWN);
  const unlisted = group.n_ads - group.ads.length;
  const note =
    unlisted > 0
      ? h(
          "p",
          { class: "quiet" },
          `Listed here: the newest ${count(group.ads.length)}. “creatives export” writes all ${count(group.n_ads)}.`,
        )
      : null;
  if (!rest.length) return note;
  const button = h(
    "button",
    {
      type: "button",
      class: "button",
      click: () => {
        list.append(...rest.map((ad) => adItem(report, ad, open)));
        button.replaceWith(note ?? "");
      },
    },
    `Show ${many(rest.length, "more ad")}`,
  );
  return button;
}

function adItem(report, ad, open) {
  const known = report.byId.has(ad.creative_id);
  return h(
    "li",
    {},
    h("strong", {}, ad.ad_id || "(no ad id)"),
    sourceOf(report, ad) ? outward(ad.link, ad.source) : null,
    h("span", { class: "quiet" }, detailOf(ad, ad.source) ?? ""),
    known
      ? h("button", { type: "button", class: "plain", click: () => open(ad.creative_id) }, "Details")
      : null,
  );
}
