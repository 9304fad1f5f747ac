// What the gallery lists, on whatever page, as a table to take along.

import { featureText } from "./format.js";
import { saveTable } from "./tables.js";

const DIGITS = 12; // of a number: 7.7 seconds are no 7.699999999999999

const OWN = {
  creative: ({ name }) => name,
  creative_id: ({ creative_id: id }) => id,
  canonical_id: ({ canonical_id: id }) => id,
  status: ({ status }) => status,
  match: ({ match }) => match,
  kind: ({ kind }) => kind,
  ad_format: ({ ad_format: format }) => format,
  width: ({ width }) => width,
  height: ({ height }) => height,
  duration_s: ({ duration_s: seconds }) => seconds,
  ad_ids: ({ ads = [] }) => ads.map((ad) => ad.ad_id).join(", "),
  tags: ({ tags = [] }) => tags.join(", "),
  notes: ({ notes = [] }) => notes.map((note) => note.text).join("\n"),
  cost_usd: ({ cost_usd: cost }) => cost,
};

/** Offers creatives as a file: what each is, how many ads use it or a copy, and what it shows. */
export function saveListing(report, creatives) {
  const features = report.features.map((column) => column.name);
  const row = (creative) => [
    ...Object.values(OWN).map((told) => told(creative)),
    report.uses.get(creative.creative_id),
    ...features.map((name) => valueOf(creative.features?.[name])),
  ];
  saveTable("creatives.csv", [...Object.keys(OWN), "n_ads", ...features], creatives.map(row));
}

/** A number without the noise of its last binary digits, all else in words; a language by its code, as it is filtered by elsewhere. */
function valueOf(value) {
  if (typeof value === "number") return Number(value.toPrecision(DIGITS));
  return value === undefined ? value : featureText("", value);
}
