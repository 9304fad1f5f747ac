// What the person at this page says of features: sent, shown at once, and shown until the data has it.

import { h } from "./dom.js";
import { featureText, languageCode, title } from "./format.js";
import { current, isTold, post, wordsInWaiting } from "./said.js";

/** Whether a person can have a word on a feature: one value, a list of texts, or what has several parts. */
export const sayable = (column) =>
  column.type === "RECORD" ? Boolean(column.parts) : !(column.repeated && column.type !== "STRING");

/**
 * How a value is typed, and what is sent of that: a list one item a line, so that commas are letters like others; what
 * has several parts a line a part; as JSON where that would not come back from lines. A language by its name, or its code.
 */
function writing(column, value) {
  if (column.type === "RECORD") return writingParts(column, value);
  if (column.name === "language" && column.type === "STRING" && !column.repeated) {
    const read = (typed) => languageCode(typed) ?? typed;
    return { text: featureText("language", value), lines: false, read };
  }
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

/** The same of what has several parts, a line each with its name before it; an empty line ends each of a list. */
function writingParts(column, value) {
  const records = column.repeated ? (value ?? []) : value ? [value] : [];
  const hint = `A line for each of ${column.parts.join(", ")}${column.repeated ? "; an empty line before the next" : ""}. Ctrl+Enter saves.`;
  const said = (each) => each === null || each === undefined || (String(each) === String(each).trim() && !/[\n\r]/.test(each));
  if (!records.every((record) => column.parts.every((part) => said(record[part])))) {
    const text = JSON.stringify(value, null, 1);
    return { text, lines: true, hint: "What has several parts, in JSON; Ctrl+Enter saves.", read: (typed) => typed };
  }
  const written = (record) => column.parts.map((part) => `${part}: ${record?.[part] ?? ""}`).join("\n");
  const text = (records.length ? records : [{}]).map(written).join("\n\n");
  const read = (typed) => {
    const blocks = typed.split(/\n\s*\n/).map((block) => parted(block, column.parts)).filter((block) => Object.values(block).some(Boolean));
    if (!blocks.length) return "";
    return JSON.stringify(column.repeated ? blocks : blocks.length === 1 ? blocks[0] : blocks);
  };
  return { text, lines: true, hint, read };
}

/** The parts that lines such as `brand: Nike` name, or the first part; a part without a word is not told. */
function parted(block, parts) {
  const lines = block.split("\n").filter((line) => line.trim());
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, said] = line.match(/^\s*(\w+)\s*:(.*)$/) ?? [];
      return parts.includes(name) ? [name, said.trim() || null] : [parts[0], line.trim()];
    }),
  );
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

const ADDRESS = "/api/corrections";

const waiting = wordsInWaiting({
  keyOf: (word) => `${word.creative_id} ${word.field}`,
  holds: (creative, word) => isTold(word, (creative.corrections ?? []).find((each) => each.field === word.field)?.corrected_at),
  put,
});

/** Says something of a creative's feature; the creative as it is here has it then. Throws what is refused, in words. */
export async function sayWord(creative, field, action, value = null) {
  const [told] = await post(ADDRESS, [{ creative_id: creative.creative_id, field, action, value }]);
  waiting.arrived(creative, told);
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
    waiting.hold(guess);
    put(creative, guess);
  }
  try {
    for (const told of await post(ADDRESS, words)) waiting.arrived(creative, told);
  } catch (error) {
    for (const word of words) waiting.forget(word);
    const now = current(creative);
    const others = (now.corrections ?? []).filter((each) => !fields.includes(each.field));
    now.corrections = [...others, ...before.filter((each) => fields.includes(each.field))];
    throw error;
  }
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
