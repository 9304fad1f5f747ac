// What a creative is to the others, and the person's word on that: split from its original, or merged with another.

import { picture } from "./cards.js";
import { h, show } from "./dom.js";
import { looking } from "./folding.js";
import { moment } from "./format.js";
import { likeness } from "./likeness.js";
import { canonicalOf, isIdOf, relatives, versionOf } from "./report.js";
import { canSay, isTold, post, wordsInWaiting } from "./said.js";

const OFFERED = 6;

/** What is being said in the dialog: kept while the data comes anew. */
const saying = { of: null, action: null, query: "", chosen: null, note: "", refused: null };

const waiting = wordsInWaiting({
  keyOf: (ruling) => ruling.creative_id,
  holds: (creative, ruling) => isTold(ruling, creative.overridden_at) || (ruling.inData && !creative.overridden_at),
  put,
});

/** Lines on what a creative is to the others, with buttons to say otherwise; `changed` is called once that is said. */
export function comparison(report, creative, turn, changed) {
  if (!creative.match) return null;
  const tools = h("div", { class: "ruling" });
  const draw = () => show(tools, ...(saying.of === creative.creative_id ? form() : buttons()));
  const enter = (action) => {
    const chosen = action === "merge" ? nearest(report, creative)?.creative_id : null;
    Object.assign(saying, { of: creative.creative_id, action, query: "", chosen, note: "", refused: null });
    draw();
    tools.querySelector("input")?.focus();
  };
  const leave = () => {
    const { action } = saying;
    Object.assign(saying, { of: null, refused: null });
    draw();
    document.getElementById(action)?.focus();
  };
  const send = async (action, canonical, note) => {
    saying.refused = null;
    try {
      const told = { creative_id: creative.creative_id, action, canonical_id: canonical?.creative_id, note: note || null };
      const inData = action === "reset" && !waiting.has(creative); // what is taken back has arrived
      waiting.arrived(creative, { ...(await post("/api/overrides", told)), canonical, inData });
    } catch (error) {
      saying.refused = { of: creative.creative_id, why: error.message };
      changed();
      return;
    }
    saying.of = null;
    changed();
    document.getElementById("details-title")?.focus();
  };
  const buttons = () => [canSay ? choices(creative, enter, send) : null, refused(creative)];
  const form = () => [rulingForm(report, creative, send, leave, draw), refused(creative)];
  draw();
  return [h("p", {}, ...relation(report, creative, turn)), ruledBy(creative), tools];
}

function relation(report, creative, turn) {
  const to = canonicalOf(report, creative);
  const why = likeness(report, creative, "it");
  const tail = why ? h("span", { class: "quiet" }, `: ${why}`) : null;
  if (creative.match === "duplicate" && to !== creative) return ["Shows the same as ", named(to, turn), tail];
  if (creative.match === "variant") return version(report, creative, turn, tail);
  return ["Nothing that came before shows the same."];
}

/** How it is like what it was found by is told of that alone: not of what that is a copy of. */
function version(report, creative, turn, tail) {
  const other = versionOf(report, creative);
  const isFound = other?.creative_id === creative.matched_id || !report.byId.has(creative.matched_id);
  return [other ? "Another version of " : "Another version of a known creative", other && named(other, turn), isFound && tail];
}

const named = (creative, turn) =>
  h("button", { type: "button", class: "link", click: () => turn(creative.creative_id) }, creative.name);

/** Whose word it is that holds; or that it was taken back, until the data says what holds without it. */
function ruledBy(creative) {
  if (creative.takenBack) return h("p", { class: "quiet", role: "status" }, "Taken back: what was found without it comes back in a moment.");
  if (!creative.override) return null;
  const who = creative.override_author ? ` by ${creative.override_author}` : "";
  const when = creative.overridden_at ? `, ${moment(creative.overridden_at)}` : "";
  const why = creative.override_note ? `: “${creative.override_note}”` : "";
  return h("p", { class: "quiet" }, `${creative.override === "split" ? "Split" : "Merged"}${who}${when}${why}`);
}

function choices(creative, enter, send) {
  const button = (id, text, click) => h("button", { type: "button", class: "plain", id, click }, text);
  const split = button("split", "Not the same: split", () => enter("split"));
  const merge = button("merge", "Same as another: merge", () => enter("merge"));
  const reset = creative.override ? button("reset", "Take back", () => send("reset")) : null;
  return h("p", { class: "correcting" }, reset, creative.match !== "duplicate" ? merge : reset ? null : split);
}

function refused(creative) {
  return h("p", { class: "refused", role: "alert" }, saying.refused?.of === creative.creative_id ? saying.refused.why : "");
}

function rulingForm(report, creative, send, leave, again) {
  const isMerge = saying.action === "merge";
  const submit = async (event) => {
    event.preventDefault();
    const save = event.target.querySelector("#send-ruling");
    if (save.disabled) return;
    save.disabled = true;
    await send(saying.action, isMerge ? report.byId.get(saying.chosen) : undefined, saying.note.trim());
  };
  const keydown = (event) => {
    event.stopPropagation();
    if (event.key !== "Escape") return;
    event.preventDefault();
    leave();
  };
  const note = h("input", { id: "ruling-note", value: saying.note, maxlength: 2000, autocomplete: "off", input: (event) => (saying.note = event.target.value) });
  return h(
    "form",
    { submit, keydown },
    isMerge ? others(report, creative, again) : h("p", { class: "quiet" }, "It is described by itself then, and others are compared with it."),
    h("label", {}, h("span", {}, "Why (may stay empty)"), note),
    h(
      "div",
      { class: "tools" },
      h("button", { class: "button", id: "send-ruling", disabled: isMerge && !saying.chosen }, isMerge ? "Merge" : "Split"),
      h("button", { type: "button", class: "button", click: leave }, "Cancel"),
    ),
  );
}

/** The creatives that it may be merged with: those of its family, or with the words that are typed. */
function others(report, creative, again) {
  const search = (event) => {
    saying.query = event.target.value;
    saying.chosen = (saying.query.trim() ? offered(report, creative)[0] : nearest(report, creative))?.creative_id;
    again();
  };
  const choose = (id) => {
    saying.chosen = id;
    again();
  };
  const found = offered(report, creative);
  return [
    h("label", {}, h("span", {}, "Which shows the same: its name, a word on it, or its id"), h("input", { id: "ruling-search", type: "search", value: saying.query, autocomplete: "off", input: search })),
    h(
      "fieldset",
      { class: "offered" },
      h("legend", { class: "hidden" }, "Shows the same as"),
      found.map((each) =>
        h(
          "label",
          {},
          h("input", { type: "radio", name: "ruling", id: `same-${each.creative_id}`, checked: each.creative_id === saying.chosen, change: () => choose(each.creative_id) }),
          h("span", { class: "frame" }, picture(each)),
          h("span", { class: "title" }, each.name),
        ),
      ),
      found.length ? null : h("p", { class: "quiet", role: "status" }, saying.query.trim() ? "No other creative has these words." : "Type to find it."),
    ),
  ];
}

/** A copy stands for its original, which is offered instead, and kinds are never mixed. */
function offered(report, creative) {
  const fits = (each) => each && each !== creative && each.kind === creative.kind && each.match && each.match !== "duplicate";
  const isTyped = Boolean(saying.query.trim());
  const has = looking(saying.query);
  const found = new Set(isTyped ? [] : [nearest(report, creative)].filter(fits));
  if (!isTyped) for (const each of relatives(report, creative)) if (fits(each)) found.add(each);
  for (let index = 0; isTyped && index < report.creatives.length && found.size < OFFERED; index += 1) {
    const each = report.creatives[index];
    if (fits(each) && (isIdOf(saying.query, each) || has(report.texts[index]))) found.add(report.creatives[index]);
  }
  return [...found].slice(0, OFFERED);
}

/** What it was found to be another version of. */
function nearest(report, creative) {
  const original = versionOf(report, creative);
  return original?.kind === creative.kind ? original : null;
}

const SHOWN = ["features", "corrections", "model_features", "evidence", "confidence", "extractor", "model", "cost_usd", "answer"];

/** The creative with a ruling on it. What follows from a split or a reset is for the pipeline to find out. */
function put(creative, ruling) {
  const { action, canonical, author, note, occurred_at } = ruling;
  creative.takenBack = action === "reset";
  creative.override = action === "reset" ? undefined : action;
  creative.override_author = author;
  creative.override_note = note ?? undefined;
  creative.overridden_at = action === "reset" ? undefined : occurred_at;
  if (action === "split") {
    Object.assign(creative, { match: "variant", canonical_id: creative.creative_id, status: "pending", detail: "Split from its original: it is described by itself now." });
    for (const name of SHOWN) delete creative[name];
  }
  if (action === "merge") {
    const { creative_id, family_id, status } = canonical;
    Object.assign(creative, { match: "duplicate", canonical_id: creative_id, family_id, status: status === "analysed" ? "duplicate" : status });
    for (const name of SHOWN) creative[name] = canonical[name];
    creative.features = canonical.features && { ...canonical.features };
  }
}
