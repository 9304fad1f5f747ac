// Where what a model quotes was read on the creative: boxes on its picture, and what is said of each quotation.

import { h, idOf, svg } from "./dom.js";
import { lasting, many, title } from "./format.js";
import { canonicalOf } from "./report.js";

const WORDS = { ocr: "read on it", not_found: "not found on it", unreadable: "cannot be read" };

/** What was found of the quotations that still stand: what a person corrected quotes nothing that was looked for. */
function evidenceOf({ evidence = [], corrections = [] }) {
  const corrected = new Set(corrections.filter((word) => word.action === "correct").map((word) => word.field));
  return evidence.filter((each) => !corrected.has(each.field.split(".")[0]));
}

/** The picture in a wrapper with the boxes of what is read on it: in the right place at any size it is shown at. */
export function withBoxes(report, creative, picture) {
  const still = evidenceOf(creative).filter((each) => each.box && !inScenes(creative, each));
  return h("div", { class: "shot" }, picture, boxes(report, creative, still));
}

/** The same for the scene of a storyboard that is shown from one second until another. */
export function sceneWithBoxes(report, creative, picture, from, until) {
  const seen = evidenceOf(creative).filter(
    (each) => each.box && each.at_s >= from && (until === undefined || each.at_s < until),
  );
  return h("div", { class: "shot" }, picture, boxes(report, creative, seen));
}

function inScenes(creative, evidence) {
  return evidence.at_s !== undefined && (creative.storyboard ?? []).length > 1;
}

/** Boxes count pixels of the creative that the features are of: a copy has its proportions, in another size. */
function boxes(report, creative, shown) {
  const { width, height } = canonicalOf(report, creative);
  if (!shown.length || !width || !height) return null;
  return svg(
    "svg",
    {
      class: "boxes",
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "xMidYMid meet",
      role: "img",
      "aria-label": `Where ${many(shown.length, "quotation")} ${shown.length === 1 ? "was" : "were"} read`,
    },
    shown.map(({ box, field, quote }) =>
      svg(
        "rect",
        {
          "data-quoted": keyOf(field, quote),
          x: box.left,
          y: box.top,
          width: box.right - box.left,
          height: box.bottom - box.top,
          "vector-effect": "non-scaling-stroke",
        },
        svg("title", {}, `${title(field)}: ${quote}`),
      ),
    ),
  );
}

/** What became of the quotations of a feature; one that was read lights its box up. */
export function verdicts(creative, field) {
  const of = evidenceOf(creative).filter((each) => each.field === field || each.field.startsWith(`${field}.`));
  return of.length ? h("small", { class: "verdicts" }, of.map((each) => verdict(each, of.length > 1))) : null;
}

function verdict(evidence, named) {
  const words = `${named ? `“${shortened(evidence.quote)}” ` : ""}${WORDS[evidence.verified] ?? evidence.verified}`;
  const at = evidence.at_s === undefined ? "" : whenRead(evidence);
  const key = keyOf(evidence.field, evidence.quote);
  const body = [h("span", { class: "sign", "aria-hidden": true }), `${words}${at}`];
  if (!evidence.box) return h("span", { class: `verdict ${evidence.verified}` }, body);
  const light = (on) => (event) => mark(event.currentTarget.closest("dialog, main"), key, on);
  return h(
    "button",
    {
      type: "button",
      class: `verdict ${evidence.verified}`,
      id: idOf("verdict", key),
      mouseenter: light(true),
      mouseleave: light(false),
      focus: light(true),
      blur: light(false),
    },
    body,
  );
}

/** All the words of a film are read scene by scene: the second of the first is not that of all. */
function whenRead({ field, at_s: second }) {
  return field === "text" ? `, first at ${lasting(second)}` : ` at ${lasting(second)}`;
}

function mark(within, key, on) {
  for (const box of within.querySelectorAll(".boxes rect")) {
    box.classList.toggle("lit", on && box.dataset.quoted === key);
  }
}

const keyOf = (field, quote) => `${field} ${quote}`;
const shortened = (text) => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
