// Review: the creatives whose answers are least sure, one after the other, a key each to confirm or to correct.

import { featureLine } from "./colours.js";
import { confirmAll, sayWord, sayable, wordForm } from "./corrections.js";
import { h } from "./dom.js";
import { emptyScreen, noCreatives } from "./empty.js";
import { verdicts, withBoxes } from "./evidence.js";
import { original } from "./file.js";
import { many, moment, share, title } from "./format.js";
import { doubtful, leastSure, saidOf } from "./report.js";
import { canSay } from "./said.js";

const KEYS = [
  ["y", "confirm"],
  ["c", "correct"],
  ["a", "confirm all that is left"],
  ["n", "next feature (also j, ↓)"],
  ["k", "feature before (also ↑)"],
  ["s", "next creative"],
  ["p", "creative before"],
];

const NOTHING_LEFT = "Nothing is left to review: each answer was confirmed or corrected, or is under way.";
const WHAT_FILLS = "Answers to creatives that come in stand here, the least sure first.";

/** Where the reader is, what is typed there, and what was refused: kept while the data comes anew. */
const place = { creative: null, field: null, editing: false, kept: {}, refused: null };

/** What is shown now, for the keys. */
let reader = null;

/** The view; `changed` is called when the reader's word changes what is shown, `turn` with the creative to go to. */
export function reviewView(report, state, turn, changed) {
  reader = null;
  if (!canSay) return [head(0), emptyScreen("Nothing can be said in a report.", "Start creatives up: on its page answers are confirmed and corrected.")];
  const queue = leastSure(report);
  const creative = report.byId.get(state.at) ?? report.byId.get(place.creative) ?? queue[0];
  if (!creative) return [head(0), report.creatives.length ? emptyScreen(NOTHING_LEFT, WHAT_FILLS) : noCreatives(report, "There are no answers yet.")];
  const fields = fieldsOf(report, creative);
  const known = fields.some((column) => column.name === place.field);
  if (place.creative !== creative.creative_id || !known) enter(creative, fields);
  reader = { report, creative, queue, fields, turn, changed };
  return [head(queue.length), h("div", { class: "review", id: "review", tabindex: -1 }, left(reader), right(reader))];
}

function head(left) {
  return h(
    "div",
    { class: "head" },
    h("h1", {}, "Review"),
    h("p", { class: "quiet", role: "status" }, `${many(left, "creative")} to look at, the least sure first.`),
  );
}

/** The features that a person can have a word on: those in doubt first. */
function fieldsOf(report, creative) {
  const doubted = doubtful(creative);
  const told = report.features.filter((column) => sayable(column) && creative.features?.[column.name] !== undefined);
  return [...told].sort((one, other) => (doubted.get(other.name) ?? 0) - (doubted.get(one.name) ?? 0));
}

function enter(creative, fields) {
  place.creative = creative.creative_id;
  place.field = open(creative, fields)[0]?.name ?? fields[0]?.name ?? null;
  place.editing = false;
}

/** Those without a person's word. */
const open = (creative, fields) => {
  const said = saidOf(creative);
  return fields.filter((column) => !said.has(column.name));
};

function left({ report, creative, queue, turn }) {
  const at = queue.indexOf(creative);
  return h(
    "div",
    { class: "left" },
    h("div", { class: "frame" }, withBoxes(report, creative, original(creative, "review"))),
    h("h2", {}, creative.name),
    h(
      "p",
      { class: "quiet" },
      creative.confidence === undefined ? "Nothing says how sure this answer is." : `${share(creative.confidence, 1)} of what it quotes was read on it.`,
    ),
    h(
      "div",
      { class: "tools" },
      button("review-before", "Previous", queue[at - 1], turn),
      button("review-after", "Next", queue[at + 1] ?? (at < 0 ? queue[0] : null), turn),
    ),
    h("dl", { class: "keys", "aria-label": "Keys" }, KEYS.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)))),
  );
}

function button(id, text, target, turn) {
  return h("button", { type: "button", class: "button", id, disabled: !target, click: () => turn(target.creative_id) }, text);
}

function right(shown) {
  const { creative, fields } = shown;
  const words = new Map((creative.corrections ?? []).map((each) => [each.field, each]));
  return h(
    "div",
    { class: "right" },
    h("p", { class: "problem", role: "alert", hidden: !place.refused }, place.refused?.why),
    h("ol", { class: "fields" }, fields.map((column) => fieldRow(shown, column, words.get(column.name)))),
    fields.length ? null : h("p", { class: "quiet" }, "Nothing was told of it."),
  );
}

function fieldRow(shown, column, word) {
  const { creative, changed } = shown;
  const current = column.name === place.field;
  const pick = () => {
    if (place.field === column.name) return;
    place.field = column.name;
    place.editing = false;
    changed();
  };
  return h(
    "li",
    { class: word ? "reviewed" : "", "data-field": column.name, "aria-current": current ? "true" : null, click: pick },
    h("span", { class: "name", title: column.description }, title(column.name)),
    h(
      "div",
      {},
      current && place.editing
        ? editor(shown, column)
        : h("span", { class: "value" }, featureLine(column.name, creative.features[column.name])),
      verdicts(creative, column.name),
      word ? h("small", {}, spoken(word)) : null,
    ),
    current && !place.editing
      ? h(
          "div",
          { class: "tools" },
          h("button", { type: "button", class: "button", id: "confirm", click: () => confirm(shown, [column]) }, "Confirm"),
          h("button", { type: "button", class: "button", id: "correct", click: () => edit(shown) }, "Correct"),
        )
      : null,
  );
}

function spoken({ action, author, corrected_at, sending }) {
  if (sending) return "confirmed, sending…";
  return `${action === "confirm" ? "confirmed" : "corrected"} by ${author}, ${moment(corrected_at)}`;
}

/** What was typed is sent; what is refused is told where it was typed, and nothing is lost. Escape goes back to the keys. */
function editor(shown, column) {
  const { creative, changed } = shown;
  const send = async (value) => {
    try {
      await sayWord(creative, column.name, "correct", value);
    } catch (error) {
      refuse(creative, [column.name], `${title(column.name)}: ${error.message}`);
      changed();
      return;
    }
    settle(creative, [column.name]);
    if (reader?.creative.creative_id === creative.creative_id) advance(reader); // read anew meanwhile, or left
    else changed();
  };
  const leave = () => {
    place.editing = false;
    place.refused = null;
    changed();
    document.getElementById("review")?.focus();
  };
  return wordForm(column, creative.features[column.name], send, leave, place.kept);
}

function edit({ changed }) {
  place.editing = true;
  place.kept = {};
  changed();
  const box = document.getElementById("correction");
  box?.focus();
  box?.select();
}

/** Goes on at once; what is refused later is told, and stands to be looked at again. */
function confirm(shown, columns) {
  const { creative, changed } = shown;
  const fields = columns.map((column) => column.name);
  if (!fields.length) return;
  confirmAll(creative, fields)
    .then(() => settle(creative, fields))
    .catch((error) => {
      const all = fields.length > 1 ? ` None of the ${fields.length} answers is confirmed.` : "";
      refuse(creative, fields, `${creative.name}: ${error.message}.${all}`);
    })
    .then(changed);
  advance(shown);
}

function refuse(creative, fields, why) {
  place.refused = { creative: creative.creative_id, fields, why };
}

/** What was refused is no more to be told once one of its features was said. */
function settle(creative, fields) {
  const { refused } = place;
  if (refused?.creative === creative.creative_id && refused.fields.some((field) => fields.includes(field))) place.refused = null;
}

/** On to the next feature that nobody had a word on, or to the next creative. */
function advance(shown) {
  const { creative, fields, queue, turn, changed } = shown;
  const left = open(creative, fields);
  const after = left.find((column) => fields.indexOf(column) > fields.findIndex((each) => each.name === place.field)) ?? left[0];
  place.editing = false;
  if (after) {
    place.field = after.name;
    changed();
  } else {
    const next = queue[queue.indexOf(creative) + 1] ?? queue.find((each) => each !== creative);
    place.creative = null;
    turn(next ? next.creative_id : null);
  }
  document.getElementById("review")?.focus();
}

/** What a key does here; tells whether it did anything. */
export function reviewKey(event) {
  if (!reader || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return false;
  const act = actions(reader)[event.key];
  if (act) act();
  return Boolean(act);
}

function actions(shown) {
  const { creative, fields, queue, turn, changed } = shown;
  const column = fields.find((each) => each.name === place.field);
  const move = (step) => () => {
    const next = fields[fields.findIndex((each) => each.name === place.field) + step];
    if (!next) return;
    place.field = next.name;
    place.editing = false;
    changed();
    document.querySelector("#review [aria-current]")?.scrollIntoView({ block: "nearest" });
  };
  const go = (step) => () => {
    const next = queue[queue.indexOf(creative) + step];
    if (!next) return;
    place.refused = null;
    turn(next.creative_id);
  };
  const next = () => (column === fields.at(-1) ? go(1)() : move(1)());
  return {
    y: () => column && confirm(shown, [column]),
    c: () => column && edit(shown),
    a: () => confirm(shown, open(creative, fields)),
    n: next,
    s: go(1),
    j: move(1),
    ArrowDown: move(1),
    k: move(-1),
    ArrowUp: move(-1),
    p: go(-1),
  };
}
