// A creative in small: its picture, its badges, its card.

import { h, idOf } from "./dom.js";
import { decimal, label, lasting, many, title } from "./format.js";

const TAGS_SHOWN = 3;

/** The address of its small picture, which is in the data; null where there is none. */
export function pictureOf(creative) {
  return creative.thumbnail?.startsWith("data:image/webp;base64,") ? creative.thumbnail : null;
}

/** Its small picture, or words where there is none. */
export function picture(creative, alt = "") {
  const source = pictureOf(creative);
  if (source) return h("img", { src: source, alt, decoding: "async" });
  const why = creative.status === "failed" ? "Cannot be opened" : "No preview";
  return h(
    "span",
    { class: "no-picture", role: alt ? "img" : null, "aria-label": alt ? `${alt}: ${why}` : null },
    why,
  );
}

/** What it is to the others and what became of it. */
export function statusBadge(creative) {
  const what = creative.status === "analysed" && creative.match === "variant" ? "variant" : creative.status;
  return h("span", { class: `badge status tone-${what}` }, label(what));
}

/** What an advertiser looks for first, as far as it could be told: offer, price, call to action, product, people. */
export function badges({ features, corrections = [] }) {
  if (!features) return [];
  const corrected = new Set(corrections.map((each) => each.field));
  const isPriceNewer = corrected.has("price") && !corrected.has("price_text"); // the text is what stood there before
  const texts = [
    features.has_promotion === true && ["offer", promotion(features)],
    features.price !== undefined && [
      "price",
      (isPriceNewer ? null : features.price_text) ?? `${decimal(features.price)} ${features.currency ?? ""}`,
    ],
    features.has_call_to_action === true && ["action", features.call_to_action ?? "Call to action"],
    (features.product_type ?? features.product_category) && [
      "product",
      features.product_type ?? title(features.product_category),
    ],
    features.has_people === true && [
      "people",
      features.people_count ? many(features.people_count, "person", "people") : "People",
    ],
  ];
  return texts
    .filter(Boolean)
    .map(([kind, text]) => h("span", { class: `badge ${kind}`, title: text }, text));
}

/**
 * A button that shows the creative; `open` is called with its id. Where `tick` chooses it, a click on it does, too.
 * `copy` is the name of a duplicate that was looked for.
 */
export function card(creative, related, open, tick = null, copy = null) {
  return h(
    "li",
    { class: tick ? "ticked" : null },
    tick,
    h(
      "button",
      {
        class: "card",
        type: "button",
        id: idOf("card", creative.creative_id),
        click: (event) => (tick ? choose(tick, event) : open(creative.creative_id)),
      },
      h(
        "span",
        { class: "frame" },
        picture(creative),
        creative.kind === "video" ? h("span", { class: "mark" }, creative.duration_s ? `▶ ${lasting(creative.duration_s)}` : "▶") : null,
      ),
      h("span", { class: "title" }, creative.name),
      h("span", { class: "line" }, facts(creative, related)),
      copy ? h("span", { class: "line" }, `Found by its duplicate ${copy}`) : null,
      h(
        "span",
        { class: "badges" },
        creative.status === "analysed" ? null : statusBadge(creative),
        badges(creative),
        (creative.tags ?? []).slice(0, TAGS_SHOWN).map((tag) => h("span", { class: "badge tag" }, `#${tag}`)),
      ),
    ),
  );
}

/** As a click on the box itself, with what is held meanwhile. */
const choose = (tick, { shiftKey }) => tick.querySelector("input").dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey }));

/** Its format, and how often it comes: in ads, those of its copies among them, as copies, in other versions. */
function facts(creative, related) {
  const copies = related.filter((each) => each.canonical_id === creative.creative_id);
  const ads = copies.reduce((sum, copy) => sum + copy.n_ads, creative.n_ads);
  const variants = related.filter((each) => each.match !== "duplicate").length;
  return [
    creative.ad_format ?? creative.aspect_ratio,
    many(ads, "ad"),
    copies.length ? many(copies.length, "duplicate") : null,
    variants && creative.match !== "duplicate" ? many(variants + 1, "version") : null,
  ]
    .filter(Boolean)
    .map((each) => each.replaceAll(" ", "\u00a0")) // a number stays with its noun where the line breaks
    .join(" · ");
}

function promotion(features) {
  return features.discount_percent
    ? `−${decimal(features.discount_percent)} %`
    : (features.promotion_text ?? "Promotion");
}
