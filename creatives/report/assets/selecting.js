// Several creatives at once: chosen in the gallery, tagged and noted together, and all of that taken back.

import { h, idOf, show } from "./dom.js";
import { count, many } from "./format.js";
import { hasLabel, knownTags, sayAll } from "./labels.js";
import { canSay } from "./said.js";

const chosen = new Set();
const typing = { tag: "", note: "" };
let on = false;
let last = null; // the creative that was chosen last: from it a range is chosen with Shift
let told = null; // what was done, with what takes it back
let busy = false;

/** What begins and ends choosing; null where nothing can be said. */
export function selectButton(redraw) {
  if (!canSay) return null;
  const toggle = () => {
    on = !on;
    told = null;
    if (!on) chosen.clear();
    redraw();
  };
  return h("button", { type: "button", class: "button", id: "select", "aria-pressed": String(on), click: toggle }, on ? "Done" : "Select");
}

/**
 * The bar of what is chosen, and `tick`, which gives a creative's box. `found` are the creatives that are listed, on
 * whatever page; `redraw` shows the view anew.
 */
export function selection(report, found, redraw) {
  if (!on) return { bar: null, tick: () => null };
  const bar = h("div", { class: "selection", role: "group", "aria-label": "Selected creatives" });
  const draw = () => show(bar, ...barContent(report, found.filter(isKnown), draw, redraw));
  draw();
  return { bar, tick: (creative) => tickBox(creative, found, draw) };
}

/** Whether anything can be put on it: what failed before it was compared is no creative yet. */
const isKnown = (creative) => creative.match !== undefined;

function tickBox(creative, found, draw) {
  if (!isKnown(creative)) return null;
  const box = h("input", {
    type: "checkbox",
    id: idOf("tick", creative.creative_id),
    checked: chosen.has(creative.creative_id),
    click: (event) => {
      for (const id of event.shiftKey ? range(found, last, creative.creative_id) : [creative.creative_id]) {
        choose(id, box.checked);
        const other = document.getElementById(idOf("tick", id));
        if (other) other.checked = box.checked;
      }
      last = creative.creative_id;
      draw();
    },
  });
  return h("label", { class: "tick" }, box, h("span", { class: "hidden" }, `Select ${creative.name}`));
}

const choose = (id, is) => (is ? chosen.add(id) : chosen.delete(id));

/** The ids from one listed creative to another, whichever comes first; the other alone where one is not listed. */
function range(found, from, to) {
  const ids = found.filter(isKnown).map((creative) => creative.creative_id);
  const ends = [ids.indexOf(from), ids.indexOf(to)].sort((one, other) => one - other);
  return ends[0] < 0 ? [to] : ids.slice(ends[0], ends[1] + 1);
}

function barContent(report, listed, draw, redraw) {
  const all = () => {
    for (const creative of listed) chosen.add(creative.creative_id);
    redraw();
  };
  const none = () => {
    chosen.clear();
    redraw();
  };
  return [
    h(
      "p",
      {},
      h("strong", { role: "status" }, sumOf(listed)),
      h("button", { type: "button", class: "plain", id: "select-all", click: all }, `Select all ${count(listed.length)}`),
      chosen.size ? h("button", { type: "button", class: "plain", id: "select-none", click: none }, "Select none") : null,
    ),
    tagForm(report, draw, redraw),
    noteForm(report, draw, redraw),
    outcome(draw, redraw),
  ];
}

/** "3 selected, 1 of them not listed here". */
function sumOf(listed) {
  const ids = new Set(listed.map((creative) => creative.creative_id));
  const beyond = [...chosen].filter((id) => !ids.has(id)).length;
  return `${count(chosen.size)} selected${beyond ? `, ${count(beyond)} of them not listed here` : ""}`;
}

function tagForm(report, draw, redraw) {
  const box = field("input", "tag", "e.g. summer", { list: "known-tags", maxlength: 60 });
  const submit = (event) => {
    event.preventDefault();
    say(report, "tag", "add", draw, redraw);
  };
  const off = () => say(report, "tag", "remove", draw, redraw);
  return h(
    "form",
    { class: "word", submit },
    box,
    knownTags(report),
    h("button", { class: "button", id: "tag-all", disabled: cannot() }, "Add tag"),
    h("button", { type: "button", class: "button", id: "untag-all", disabled: cannot(), click: off }, "Take tag off"),
  );
}

function noteForm(report, draw, redraw) {
  const submit = (event) => {
    event.preventDefault();
    say(report, "note", "add", draw, redraw);
  };
  return h(
    "form",
    { class: "word", submit },
    field("input", "note", "What others should know", { maxlength: 2000 }),
    h("button", { class: "button", id: "note-all", disabled: cannot() }, "Add note"),
  );
}

const cannot = () => busy || !chosen.size;

function field(element, kind, placeholder, more) {
  const box = h(element, {
    id: `selected-${kind}`,
    placeholder,
    "aria-label": `${kind === "tag" ? "Tag" : "Note"} for what is selected`,
    autocomplete: "off",
    input: () => (typing[kind] = box.value),
    ...more,
  });
  box.value = typing[kind];
  return box;
}

function outcome(draw, redraw) {
  const back = () => send(told.undo, draw, redraw);
  return h(
    "p",
    { class: told?.problem ? "refused" : null, role: "status" },
    told?.text,
    told?.undo.length ? [" ", h("button", { type: "button", class: "plain", id: "undo-all", disabled: busy, click: back }, "Undo")] : null,
  );
}

/** Puts what is typed on all that is chosen and lacks it, or takes it off all that have it. */
function say(report, kind, action, draw, redraw) {
  const text = formed(kind, typing[kind]);
  if (!text || cannot()) return;
  const creatives = [...chosen].map((id) => report.byId.get(id)).filter(Boolean);
  const lacking = creatives.filter((creative) => hasLabel(creative, { kind, text }) === (action === "remove"));
  const labels = lacking.map((creative) => ({ creative_id: creative.creative_id, kind, text, action }));
  typing[kind] = "";
  if (labels.length) send(labels, draw, redraw);
  else {
    told = { text: action === "add" ? `All of them have it: ${text}` : `None of them has it: ${text}`, undo: [] };
    draw();
  }
}

/** As the server keeps it, so that it is known who has it. */
const formed = (kind, text) => (kind === "tag" ? text.trim().split(/\s+/).join(" ").toLowerCase() : text.trim());

async function send(labels, draw, redraw) {
  const at = document.activeElement?.id; // what is pressed cannot be, or is not there, while it is sent
  busy = true;
  told = { text: `Sending ${many(labels.length, "label")}…`, undo: [] };
  draw();
  const { done, problem } = await sayAll(labels);
  busy = false;
  const undo = done.map(({ creative_id, kind, text, action }) => ({ creative_id, kind, text, action: opposite(action) }));
  const put = labels[0].action === "add" ? "Not put on" : "Not taken off";
  const failed = problem ? `${put} ${many(labels.length - done.length, "creative")}: ${problem}.` : "";
  told = { text: [done.length ? became(done) : "", failed].filter(Boolean).join(" "), undo, problem };
  redraw();
  if (document.activeElement === document.body) (document.getElementById(at) ?? document.getElementById("undo-all"))?.focus();
}

const opposite = (action) => (action === "add" ? "remove" : "add");

function became(done) {
  const [{ kind, text, action }] = done;
  const what = kind === "tag" ? `Tag “${text}”` : `Note “${text.slice(0, 60)}”`;
  return `${what} ${action === "add" ? "put on" : "taken off"} ${many(done.length, "creative")}.`;
}
