// Versions: duplicates and variants of a creative beside it, with what differs marked.

import { picture, pictureOf } from "./cards.js";
import { differences } from "./diff.js";
import { h } from "./dom.js";
import { emptyScreen, noCreatives } from "./empty.js";
import { pager } from "./gallery.js";
import { featureTold, label, lasting, many, said, size, title } from "./format.js";
import { differsInSoundAlone, likeness } from "./likeness.js";
import { canonicalOf, versionOf } from "./report.js";

const NONE = "No creative has a duplicate or another version.";
const WHAT_FILLS = "A copy in another size or format, or the same ad with another offer, stands here beside its original, with what differs marked. It is found by itself when it comes in.";
const ON_A_PAGE = 6;
const PAIRS_SHOWN = 6;
const LENGTHS_APART_S = 0.1; // what is less, a container rounds

/** The view: a section for each family of more than one. */
export function versionsView(report, state, go, open) {
  const families = familiesWithVersions(report);
  if (!families.length)
    return [head(families), report.creatives.length ? emptyScreen(NONE, WHAT_FILLS) : noCreatives(report)];
  const pages = Math.ceil(families.length / ON_A_PAGE);
  const page = Math.min(state.page, pages);
  const shown = families.slice((page - 1) * ON_A_PAGE, page * ON_A_PAGE);
  return [
    head(families),
    shown.map((family) => familySection(report, family, open)),
    pages > 1 ? pager(page, pages, (next) => go({ ...state, page: next }, { top: true })) : null,
  ];
}

/** The families of two and more, the most used first. */
export function familiesWithVersions(report) {
  return [...report.families.values()].filter((family) => family.length > 1);
}

function head(families) {
  const members = families.flat();
  const copies = members.filter((each) => each.match === "duplicate").length;
  const variants = members.filter((each) => each.match === "variant").length;
  return h(
    "div",
    { class: "head" },
    h("h1", {}, "Versions"),
    h(
      "p",
      { class: "lead" },
      `${many(copies, "duplicate")} of a creative that was known, ${many(variants, "variant")}: with other words, another product or another sound, cut down, faster, or in another shape. `,
      "A duplicate takes the features of its original over; a variant is analysed by itself.",
    ),
  );
}

function familySection(report, family, open) {
  const root = family.find((each) => each.creative_id === each.family_id) ?? family[0];
  const pairs = family.filter((each) => each !== root).map((each) => [partnerOf(report, each, root), each]);
  const ads = family.reduce((sum, each) => sum + each.n_ads, 0);
  const list = h(
    "ul",
    { class: "pairs" },
    pairs.slice(0, PAIRS_SHOWN).map(([one, other]) => pairItem(report, one, other, open)),
  );
  return h(
    "section",
    { class: "family" },
    h("h2", {}, root.name, h("small", {}, `${many(family.length, "file")} in ${many(ads, "ad")}`)),
    list,
    pairs.length > PAIRS_SHOWN ? rest(report, pairs, list, open) : null,
  );
}

function rest(report, pairs, list, open) {
  const button = h(
    "button",
    {
      type: "button",
      class: "button",
      click: () => {
        list.append(...pairs.slice(PAIRS_SHOWN).map(([one, other]) => pairItem(report, one, other, open)));
        button.remove();
      },
    },
    `Show ${many(pairs.length - PAIRS_SHOWN, "more version")}`,
  );
  return button;
}

/** What a version is shown beside: the canonical of a duplicate, what a variant was closest to. */
function partnerOf(report, creative, root) {
  const partner = creative.match === "duplicate" ? canonicalOf(report, creative) : versionOf(report, creative);
  return !partner || partner === creative ? root : partner;
}

function pairItem(report, one, other, open) {
  const [left, right] = [side(one, open), side(other, open)];
  const found = h("p", { class: "found" });
  mark(one, other, [left, right], found);
  return h(
    "li",
    { class: "pair" },
    h("div", { class: "sides" }, left, right),
    h(
      "div",
      { class: "differing" },
      h(
        "p",
        { class: "verdict" },
        h("span", { class: `badge status tone-${other.match}` }, label(other.match)),
        h("span", { class: "quiet" }, likeness(report, other, nameOf(report, other.matched_id))),
      ),
      found,
      differenceTable(report, one, other),
    ),
  );
}

function side(creative, open) {
  return h(
    "button",
    { type: "button", class: "side", click: () => open(creative.creative_id) },
    h("span", { class: "frame" }, h("span", { class: "boxed" }, picture(creative))),
    h("span", { class: "title" }, creative.name),
  );
}

/** Draws boxes over what differs, once both pictures are decoded. */
async function mark(one, other, sides, text) {
  const [before, after] = [pictureOf(one), pictureOf(other)];
  if (!before || !after || one.kind === "video") return; // a frame of each video: not the same moment of both
  const { boxes, everywhere } = await differences(before, after);
  for (const each of sides) each.querySelector(".boxed").append(...boxes.map(drawnBox));
  if (everywhere) text.textContent = "Differs all over: another crop, frame or layout.";
  else
    text.textContent = boxes.length
      ? `${many(boxes.length, "region")} of the picture ${boxes.length === 1 ? "differs" : "differ"}.`
      : lookAlike(one, other);
}

/** What is known of two pictures that look the same in small, where a letter of a legal line does not show. */
function lookAlike(one, other) {
  const looks = "They look the same in small, as they are compared here.";
  if (other.match === "duplicate") return `${looks} Of a duplicate no text is read.`;
  const [before, after] = [one, other].map((each) => each.features?.text);
  if (before === undefined || after === undefined) return looks;
  return `${looks} The text that was read ${before === after ? "is the same" : "differs"}.`;
}

function drawnBox(box) {
  const percent = (value) => `${100 * value}%`;
  return h("span", {
    class: "box",
    "aria-hidden": true,
    style: {
      left: percent(box.left),
      top: percent(box.top),
      width: percent(box.width),
      height: percent(box.height),
    },
  });
}

const nameOf = (report, id) => report.byId.get(id)?.name;

function differenceTable(report, one, other) {
  const rows = [...fileDifferences(one, other), ...featureDifferences(report, one, other)];
  if (!rows.length) return null;
  return h(
    "table",
    {},
    h("caption", { class: "hidden" }, `What differs between ${one.name} and ${other.name}`),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["", one.name, other.name].map((text) =>
          h("th", { scope: "col" }, h("span", { class: text ? "clamped" : "hidden" }, text || "What")),
        ),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map(([name, before, after]) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, name),
          h("td", {}, marked(before, after)),
          h("td", {}, marked(after, before)),
        ),
      ),
    ),
  );
}

/** A text with what is not in another marked: the words between those that both begin and end with. */
function marked(text, other) {
  const [words, others] = [text.split(" "), other.split(" ")];
  const shorter = Math.min(words.length, others.length);
  let start = 0;
  while (start < shorter && words[start] === others[start]) start += 1;
  let end = 0;
  while (end < shorter - start && words.at(-1 - end) === others.at(-1 - end)) end += 1;
  const [before, between, after] = [
    words.slice(0, start),
    words.slice(start, words.length - end),
    words.slice(words.length - end),
  ];
  return [
    before.join(" "),
    " ",
    between.length ? h("mark", {}, between.join(" ")) : null,
    " ",
    after.join(" "),
  ];
}

function fileDifferences(one, other) {
  const facts = [
    ["Size", (each) => (each.width ? `${each.width} × ${each.height}` : "")],
    ["Length", (each) => (isAnotherLength(one, other) ? lasting(each.duration_s) : "")],
    ["Sound", (each) => soundOf(each, one, other)],
    ["Type", (each) => each.content_type ?? ""],
    ["File", (each) => (each.bytes ? size(each.bytes) : "")],
  ];
  return facts
    .map(([name, of]) => [name, of(one), of(other)])
    .filter(([, before, after]) => before !== after);
}

function isAnotherLength({ duration_s: one }, { duration_s: other }) {
  return one !== undefined && other !== undefined && Math.abs(one - other) >= LENGTHS_APART_S;
}

/** Whether a film has a sound; where it has another one than the film beside it, that. */
function soundOf(each, one, other) {
  if (one.has_audio && other.has_audio && differsInSoundAlone(other, one)) return each === one ? "one" : "another";
  return one.has_audio === undefined || other.has_audio === undefined ? "" : said(each.has_audio);
}

/** The features that differ; a duplicate has none, since its original's hold. */
function featureDifferences(report, one, other) {
  if (other.match === "duplicate") return [];
  const names = report.features.map((column) => column.name);
  const rows = names.map((name) => [
    title(name),
    featureTold(name, one.features?.[name]),
    featureTold(name, other.features?.[name]),
  ]);
  return rows
    .filter(([, before, after]) => before !== after)
    .map(([name, before, after]) => [name, before || "–", after || "–"]);
}
