// People's tags and notes on a creative: seen in its details, put on and taken off there.

import { h, idOf } from "./dom.js";
import { moment } from "./format.js";
import { canSay, current, isTold, post, wordsInWaiting } from "./said.js";

const MOST_OFFERED = 200;
const AT_ONCE = 500; // words in a request

/** What is typed, and what was refused: kept while the data comes anew. */
const typing = { of: null, tag: "", note: "", refused: null };

const waiting = wordsInWaiting({
  keyOf: (label) => [label.creative_id, label.kind, label.text].join("\n"),
  holds: (creative, label) => {
    const has = hasLabel(creative, label);
    const at = label.kind === "note" ? (creative.notes ?? []).find((each) => each.text === label.text)?.noted_at : null;
    return label.action === "add" ? has : !has && isTold({ ...label, action: "reset" }, at);
  },
  put,
});

/** Whether a creative has a tag or a note of this text. */
export function hasLabel(creative, { kind, text }) {
  return kind === "tag" ? (creative.tags ?? []).includes(text) : (creative.notes ?? []).some((each) => each.text === text);
}

/** Sends words on many creatives; tells which have arrived, and what hindered the others. */
export async function sayAll(labels) {
  const done = [];
  try {
    for (let from = 0; from < labels.length; from += AT_ONCE) {
      for (const label of await post("/api/labels", labels.slice(from, from + AT_ONCE))) {
        waiting.arrived(current(label), label);
        done.push(label);
      }
    }
  } catch (error) {
    return { done, problem: error.message };
  }
  return { done, problem: null };
}

/** The tags and notes of a creative, with what puts them on and takes them off; `changed` is called once that is said. */
export function labelList(report, creative, changed) {
  const tags = creative.tags ?? [];
  const notes = creative.notes ?? [];
  if (!canSay && !tags.length && !notes.length) return null;
  if (typing.of !== creative.creative_id) Object.assign(typing, { of: creative.creative_id, tag: "", note: "", refused: null });
  const say = async (kind, text, action, focus) => {
    typing.refused = null;
    try {
      waiting.arrived(creative, await post("/api/labels", { creative_id: creative.creative_id, kind, text, action }));
      if (action === "add") typing[kind] = "";
    } catch (error) {
      typing.refused = error.message;
    }
    changed();
    document.getElementById(focus)?.focus();
  };
  return [
    tags.length ? h("ul", { class: "tags", "aria-label": "Tags" }, tags.map((tag) => tagItem(tag, say))) : null,
    notes.map((note) => noteItem(note, say)),
    canSay ? [labelForm(report, "tag", "Tag", say), labelForm(report, "note", "Note", say)] : null,
    h("p", { class: "refused", role: "alert" }, typing.refused),
  ];
}

function tagItem(tag, say) {
  const off = h("button", { type: "button", id: idOf("untag", tag), click: () => say("tag", tag, "remove", "new-tag"), "aria-label": `Take off ${tag}` }, "×");
  return h("li", { class: "badge" }, tag, canSay ? off : null);
}

function noteItem(note, say) {
  const off = h("button", { type: "button", class: "plain", id: idOf("unnote", note.text), click: () => say("note", note.text, "remove", "new-note") }, "Take off", h("span", { class: "hidden" }, ` “${note.text.slice(0, 60)}”`));
  return h("p", { class: "note" }, note.text, h("small", {}, `${note.author}, ${moment(note.noted_at)} `, canSay ? off : null));
}

function labelForm(report, kind, name, say) {
  const id = `new-${kind}`;
  const box = h(kind === "tag" ? "input" : "textarea", {
    id,
    rows: kind === "tag" ? null : 1,
    list: kind === "tag" ? "known-tags" : null,
    maxlength: kind === "tag" ? 60 : 2000,
    placeholder: kind === "tag" ? "e.g. summer" : "What others should know",
    "aria-label": `New ${kind}`,
    autocomplete: "off",
    input: () => (typing[kind] = box.value),
  });
  box.value = typing[kind];
  const submit = (event) => {
    event.preventDefault();
    if (box.value.trim()) say(kind, box.value, "add", id);
  };
  const keydown = (event) => {
    if (kind === "note" && event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return h("form", { class: "word labelling", submit, keydown }, box, kind === "tag" ? knownTags(report) : null, h("button", { class: "button", id: `add-${kind}` }, `Add ${name.toLowerCase()}`));
}

/** The tags that are in use, so that one thing goes by one word. */
export function knownTags(report) {
  const known = [...new Set(report.creatives.flatMap((creative) => creative.tags ?? []))].sort().slice(0, MOST_OFFERED);
  return h("datalist", { id: "known-tags" }, known.map((tag) => h("option", { value: tag })));
}

function put(creative, { kind, text, action, author, occurred_at }) {
  const isIt = (each) => (kind === "tag" ? each : each.text) === text;
  const name = kind === "tag" ? "tags" : "notes";
  const others = (creative[name] ?? []).filter((each) => !isIt(each));
  const label = kind === "tag" ? text : { text, author, noted_at: occurred_at };
  creative[name] = action === "add" ? [...others, label] : others;
  if (kind === "tag" && creative.tags) creative.tags.sort();
}
