// What the person at this page says of features: sent, shown at once, and shown until the data has it.

import { h } from "./dom.js";
import { title } from "./format.js";

/** Whether anything can be said here: the page of `creatives up` passes it on, a report in a file has nobody to. */
export const canSay = document.documentElement.dataset.mode === "live";

/** Whether a person can have a word on a feature: one value, or a list of texts. */
export const sayable = (column) => column.type !== "RECORD" && !(column.repeated && column.type !== "STRING");

/** A box with what a feature says, to be typed over: Enter sends it, Escape leaves it. */
export function wordForm(column, value, send, leave) {
  const box = h("input", {
    id: "correction",
    value: Array.isArray(value) ? value.join(", ") : String(value ?? ""),
    "aria-label": `${title(column.name)} should say`,
    autocomplete: "off",
  });
  const submit = (event) => {
    event.preventDefault();
    send(box.value);
  };
  const keydown = (event) => {
    event.stopPropagation();
    if (event.key !== "Escape") return;
    event.preventDefault();
    leave();
  };
  return h(
    "form",
    { class: "word", submit, keydown },
    box,
    h("button", { class: "button", id: "send-correction" }, "Save"),
  );
}

const HEADERS = { "X-Creatives": "1", "Content-Type": "application/json" };
const LOOK_AGAIN_MS = 3000;
const ARRIVED_MS = 10000; // what was said is in the data by then

/** What was said here and may be in no data yet. */
const pending = [];
let again = null;
let whenSaid = () => {};

/** `look` is called a while after somebody had a word, to get the data anew. */
export function onWord(look) {
  whenSaid = look;
}

/** Says something of a creative's feature; the creative as it is here has it then. Throws what is refused, in words. */
export async function sayWord(creative, field, action, value = null) {
  const response = await fetch("/api/corrections", {
    method: "POST",
    headers: HEADERS,
    body: JSON.stringify({ creative_id: creative.creative_id, field, action, value }),
  });
  const told = await response.json();
  if (!response.ok) throw new Error(told.error ?? `${response.status} ${response.statusText}`);
  const earlier = pending.findIndex((word) => word.creative_id === told.creative_id && word.field === told.field);
  if (earlier >= 0) pending.splice(earlier, 1);
  pending.push(told);
  put(creative, told);
  clearTimeout(again);
  again = setTimeout(() => whenSaid(), LOOK_AGAIN_MS);
}

/** Data as it came, with what was said since it was read. */
export function withWords(data) {
  const byId = new Map(data.creatives.map((creative) => [creative.creative_id, creative]));
  for (const word of [...pending]) {
    const creative = byId.get(word.creative_id);
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
  const { field, action, author, note } = word;
  creative.corrections = [...others, { field, action, author, note: note ?? undefined, corrected_at: word.occurred_at }];
  set(creative.features, word.field, word.told);
}

function set(features, field, value) {
  if (value === null || value === undefined) delete features[field];
  else features[field] = value;
}
