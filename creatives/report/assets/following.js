// What was just sent, by name, each until it is settled: the newest first. It is kept in the page alone, and is a line
// of how many there are once a person hides it or chooses another view.

import { h, idOf, show } from "./dom.js";
import { count, label, many } from "./format.js";

const MOST_KEPT = 200; // as many as the server tells of at once
const MOST_SHOWN = 50;
const FEW = 4; // of what went wrong in one way and of all else, until all is asked for
const OPEN = ["sent", "pending"];
const ONE_OF_MANY = ["remark", "duplicate"]; // counted in its plural; all else is a state
const WRONG = { refused: "not taken", unsent: "not taken", remark: "remark", failed: "failed" };
const SAID = {
  sending: "Sending…",
  sent: "Sent",
  pending: "Under way",
  refused: "Not taken",
  unsent: "Not sent",
  remark: "Remark",
};

/** A list of what was sent; `ask` tells what became of the ads that have some keys. */
export function following(ask) {
  let entries = [];
  let beyond = 0; // sent, and not in the list
  let begun = 0; // what a person sent at once, in however many requests
  let sendings = 0;
  let asked = 0; // of the sendings
  let drawn = "";
  let tell = {};
  let whenPut = () => {};
  let isWhole = false; // whether all of it is shown
  let isFolded = false;
  const list = h("ol", { id: "followed-list", "aria-label": "What was just sent" });
  const sum = h("p", { class: "quiet", role: "status" });
  const hide = h("button", {
    type: "button",
    class: "plain",
    id: "followed-hide",
    "aria-controls": "followed-list",
    click: () => fold(!isFolded),
  });
  const more = h("button", { type: "button", class: "plain", id: "followed-all", click: turn });
  const whole = h("div", { class: "followed", hidden: true }, h("div", { class: "in-short" }, sum, hide), list, more);

  function fold(isWanted) {
    isFolded = isWanted;
    draw();
  }

  function turn() {
    isWhole = !isWhole;
    draw();
  }

  function put(newer, others = 0) {
    const again = new Set(newer.flatMap(({ key, name }) => [key, name]).filter(Boolean));
    const isOld = ({ state, key, name }) => state === "sending" || again.has(key ?? name);
    const kept = entries.filter((each) => !isOld(each));
    const all = [...newer.map((each) => ({ ...each, begun })), ...kept].sort(refusedFirst);
    entries = all.slice(0, MOST_KEPT);
    beyond += others + all.length - entries.length;
    draw();
    whenPut();
  }

  function draw() {
    const some = isWhole ? entries.slice(0, MOST_SHOWN) : few(entries);
    const rows = some.map((each) => ({ ...each, original: tell.nameOf(each.original_id) }));
    const counted = sumOf(entries, beyond);
    const now = JSON.stringify([rows, counted, isWhole, isFolded]);
    if (now === drawn) return;
    drawn = now;
    whole.hidden = !entries.length;
    show(list, ...rows.map((each) => row(each, tell)));
    list.hidden = isFolded;
    hide.textContent = isFolded ? "Show list" : "Hide list";
    hide.setAttribute("aria-expanded", String(!isFolded));
    const all = Math.min(entries.length, MOST_SHOWN);
    more.hidden = isFolded || few(entries).length === all;
    more.textContent = isWhole ? "Show fewer" : `Show all ${count(all)}`;
    if (sum.textContent !== counted) sum.textContent = counted;
  }

  return {
    panel(nameOf, stageOf) {
      tell = { nameOf, stageOf };
      return whole;
    },
    onPut: (look) => (whenPut = look),
    draw,
    count: (state) => entries.filter((each) => each.state === state).length,
    fold: () => fold(true),
    begins() {
      begun += 1;
      fold(false); // what is refused is seen at once
    },
    sending: (names) => put(names.map((name) => ({ name, state: "sending" }))),
    sent(ads, remarks, others) {
      sendings += 1;
      const told = remarks.map((line) => ({ name: line, state: "remark" }));
      put([...told, ...ads.map((ad) => ({ ...ad, state: "sent" }))], others);
    },
    refused: (them) => them.length && put(them.map((each) => ({ ...each, state: "refused" }))),
    unsent(why) {
      entries = entries.map((each) => (each.state === "sending" ? { ...each, state: "unsent", why } : each));
      draw();
      whenPut();
    },
    asks: () => sendings !== asked,
    async look() {
      // What was analysed may be a duplicate by now, of what came after: all are asked for as long as one is on its way.
      const isOpen = entries.some((each) => OPEN.includes(each.state));
      const keys = isOpen ? entries.map((each) => each.key).filter(Boolean) : [];
      const upTo = sendings;
      if (keys.length) {
        const { ads } = await ask(keys);
        const told = new Map(ads.map((ad) => [ad.key, ad]));
        entries = entries.map((each) => {
          const ad = told.get(each.key);
          return ad ? { ...each, ...ad, state: ad.status } : each;
        });
      }
      asked = upTo;
      draw();
    },
  };
}

/** Of what was sent at once that first which was refused: nothing else tells of it. */
const refusedFirst = (one, other) =>
  other.begun - one.begun || (other.state === "refused") - (one.state === "refused");

/** The first of what went wrong in each way and the first of all else, each in its place: none hides another. */
function few(entries) {
  if (entries.length <= 2 * FEW) return entries;
  const seen = {};
  return entries.filter(({ state }) => {
    const way = WRONG[state] ?? "fine";
    seen[way] = (seen[way] ?? 0) + 1;
    return seen[way] <= FEW;
  });
}

function row(entry, tell) {
  return h(
    "li",
    { class: `is-${entry.state}` },
    h("span", { class: "name", title: entry.name }, entry.name),
    h("span", { class: "became" }, became(entry, tell)),
    entry.mend ? columnChoice(entry) : null,
  );
}

const picked = new Map(); // the column of a list that a person chose, by the list's name: kept while it is drawn anew

/** Which column of a list holds the addresses: chosen, and the list is sent again. */
function columnChoice({ name, columns, mend }) {
  const id = idOf("column-of", name);
  const send = (event) => {
    event.preventDefault();
    mend(choice.value);
  };
  const options = columns.map((each) => h("option", { value: each, selected: each === picked.get(name) }, each));
  const choice = h("select", { id, change: () => picked.set(name, choice.value) }, options);
  return h(
    "form",
    { class: "column-choice", submit: send },
    h("label", { for: id }, "Its addresses are in the column"),
    choice,
    h("button", { class: "button", id: `${id}-send` }, "Send again"),
  );
}

function became({ key, state, why, stage, original_id: original, original: name }, { stageOf }) {
  const to = (href, text) => h("a", { href, id: idOf("followed", key) }, text);
  const creative = (text) => (name === undefined ? text : to(`#/gallery?creative=${original}`, text));
  if (state === "pending" && stage) return `${SAID.pending}: ${stageOf(stage)}`;
  if (state === "analysed") return creative(label(state));
  if (state === "duplicate") return ["Duplicate of ", creative(name ?? "a creative")];
  if (state === "failed") return [to("#/failures", label(state)), `: ${why}`];
  return why ? `${SAID[state]}: ${why}` : SAID[state];
}

/** "2 analysed, 1 failed": all in the list, and how many of them are not shown. */
function sumOf(entries, beyond) {
  const states = new Map();
  for (const { state } of entries) states.set(state, (states.get(state) ?? 0) + 1);
  const parts = [...states].map(([state, number]) => ONE_OF_MANY.includes(state) ? many(number, word(state)) : `${count(number)} ${word(state)}`);
  const hidden = Math.max(0, entries.length - MOST_SHOWN);
  if (hidden) parts.push(`${count(hidden)} of these not shown`);
  if (beyond) parts.push(`${count(beyond)} more not followed by name`);
  return parts.length ? `In this list: ${parts.join(", ")}.` : "";
}

const word = (state) => (SAID[state] ?? label(state)).replace("…", "").toLowerCase();
