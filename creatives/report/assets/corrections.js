// What the person at this page says of features: sent, shown at once, and shown until the data has it.

import { h, isLive } from "./dom.js";
import { title } from "./format.js";

/** Whether anything can be said here: the page of `creatives up` passes it on, a report in a file has nobody to. */
export const canSay = isLive;

/** Whether a person can have a word on a feature: one value, or a list of texts. */
export const sayable = (column) => column.type !== "RECORD" && !(column.repeated && column.type !== "STRING");

/**
 * How a value is typed, and what is sent of that: a list one item a line, so that commas are letters like others; as
 * JSON where an item would not come back from a line of its own.
 */
function writing(column, value) {
  if (!column.repeated) {
    const text = String(value ?? "");
    return { text, lines: text.includes("\n"), hint: "Ctrl+Enter saves.", read: (typed) => typed };
  }
  const items = Array.isArray(value) ? value : [];
  if (items.every((item) => item && item === item.trim() && !/[\n\r]/.test(item))) {
    const listed = (typed) => typed.split("\n").map((line) => line.trim()).filter(Boolean);
    const read = (typed) => (listed(typed).length ? listed(typed) : ""); // nothing: it cannot be told
    return { text: items.join("\n"), lines: true, hint: "One item a line; Ctrl+Enter saves.", read };
  }
  return { text: JSON.stringify(items, null, 1), lines: true, hint: "A list in JSON; Ctrl+Enter saves.", read: (typed) => typed };
}

/**
 * A box with what a feature says, to be typed over: Enter sends it, Ctrl+Enter where it has several lines; Escape leaves
 * it. `send` is waited for. `kept` holds what was typed while the form is made anew.
 */
export function wordForm(column, value, send, leave, kept = {}) {
  const { text, lines, hint, read } = writing(column, value);
  const box = h(lines ? "textarea" : "input", {
    id: "correction",
    "aria-label": `${title(column.name)} should say`,
    "aria-describedby": lines ? "correction-hint" : null,
    autocomplete: "off",
    rows: lines ? Math.min(8, text.split("\n").length + 1) : null,
    input: () => (kept.typed = box.value),
  });
  box.value = kept.typed ?? text;
  const save = h("button", { class: "button", id: "send-correction" }, "Save");
  const submit = async (event) => {
    event.preventDefault();
    if (save.disabled) return;
    save.disabled = true;
    save.textContent = "Saving…";
    await send(read(box.value));
    save.disabled = false;
    save.textContent = "Save";
  };
  const keydown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.key !== "Escape") return;
    event.preventDefault();
    leave();
  };
  const form = h(
    "form",
    { class: "word", submit, keydown },
    box,
    save,
    lines ? h("small", { id: "correction-hint", class: "quiet" }, hint) : null,
  );
  return form;
}

const HEADERS = { "X-Creatives": "1", "Content-Type": "application/json" };
const LOOK_AGAIN_MS = 3000;
const ARRIVED_MS = 10000; // what was said is in the data by then
const MOST_KEPT_ALIVE = 30000; // characters: browsers take 64 KiB of all that is under way

/** What was said here and may be in no data yet. */
const pending = [];

/** The creatives of the newest data, by id. */
let shown = new Map();

let again = null;
let whenSaid = () => {};

/** `look` is called a while after somebody had a word, to get the data anew. */
export function onWord(look) {
  whenSaid = look;
}

/** Says something of a creative's feature; the creative as it is here has it then. Throws what is refused, in words. */
export async function sayWord(creative, field, action, value = null) {
  const [told] = await post([{ creative_id: creative.creative_id, field, action, value }]);
  arrived(creative, told);
}

/**
 * Confirms features as they stand, all or none, in one request. The creative as it is here has the words at once; it has
 * them no more when they are refused, which is thrown, in words.
 */
export async function confirmAll(creative, fields) {
  const { creative_id } = creative;
  const before = creative.corrections ?? [];
  const occurred_at = new Date().toISOString();
  const words = fields.map((field) => ({ creative_id, field, action: "confirm", value: creative.features[field] }));
  for (const word of words) {
    const guess = { ...word, occurred_at, told: word.value, sending: true };
    hold(guess);
    put(creative, guess);
  }
  try {
    for (const told of await post(words)) arrived(creative, told);
  } catch (error) {
    for (const { field } of words) forget(creative_id, field);
    const current = shown.get(creative_id) ?? creative;
    const others = (current.corrections ?? []).filter((each) => !fields.includes(each.field));
    current.corrections = [...others, ...before.filter((each) => fields.includes(each.field))];
    throw error;
  }
}

let underWay = 0;

/** Sends words, all or none; the page goes on sending while it is closed, where they are not too many. */
async function post(words) {
  const body = JSON.stringify(words);
  underWay += 1;
  try {
    const keepalive = body.length < MOST_KEPT_ALIVE;
    const response = await fetch("/api/corrections", { method: "POST", headers: HEADERS, body, keepalive });
    const told = await response.json();
    if (!response.ok) throw new Error(told.error ?? `${response.status} ${response.statusText}`);
    return told;
  } finally {
    underWay -= 1;
  }
}

/** Whoever closes the page while it sends is asked first. */
window.addEventListener("beforeunload", (event) => underWay && event.preventDefault());

function arrived(creative, told) {
  hold(told);
  put(shown.get(told.creative_id) ?? creative, told);
  clearTimeout(again);
  again = setTimeout(() => whenSaid(), LOOK_AGAIN_MS);
}

function hold(word) {
  forget(word.creative_id, word.field);
  pending.push(word);
}

function forget(creativeId, field) {
  const at = pending.findIndex((word) => word.creative_id === creativeId && word.field === field);
  if (at >= 0) pending.splice(at, 1);
}

/** Data as it came, with what was said since it was read. */
export function withWords(data) {
  shown = new Map(data.creatives.map((creative) => [creative.creative_id, creative]));
  for (const word of [...pending]) {
    const creative = shown.get(word.creative_id);
    if (!creative || holds(creative, word)) pending.splice(pending.indexOf(word), 1);
    else put(creative, word);
  }
  return data;
}

/** Whether the data has a word, or a newer one. */
function holds(creative, word) {
  const kept = (creative.corrections ?? []).find((each) => each.field === word.field);
  if (word.action === "reset") {
    // What is taken back may itself not have arrived yet.
    if (!kept) return Date.now() - Date.parse(word.occurred_at) > ARRIVED_MS;
    return Date.parse(kept.corrected_at) > Date.parse(word.occurred_at);
  }
  return kept !== undefined && Date.parse(kept.corrected_at) >= Date.parse(word.occurred_at);
}

/** The creative with a word on it. */
function put(creative, word) {
  const others = (creative.corrections ?? []).filter((each) => each.field !== word.field);
  creative.model_features ??= { ...creative.features };
  creative.features ??= {};
  if (word.action === "reset") {
    creative.corrections = others;
    set(creative.features, word.field, creative.model_features[word.field]);
    return;
  }
  const { field, action, author, note, sending } = word;
  const said = { field, action, author, note: note ?? undefined, corrected_at: word.occurred_at, sending };
  creative.corrections = [...others, said];
  set(creative.features, word.field, word.told);
}

function set(features, field, value) {
  if (value === null || value === undefined) delete features[field];
  else features[field] = value;
}
