// Creatives by what they mean: the page of `creatives up` asks its server; a report in a file knows what is like
// what, and what is near to each thing that can be named.

import { answer, inOrder } from "./asking.js";
import { isLive } from "./dom.js";
import { nearTo } from "./naming.js";

const TYPED_MS = 300; // whoever types on is not asked for

/** What was asked: a question's address, and `ids`, a `problem`, or neither while it is under way. */
const asked = new Map();

let whenTold = () => {};
let waiting = null;

/** `look` is called when an answer has come. */
export function onMeaning(look) {
  whenTold = look;
}

/** New data may answer otherwise: what was told is asked again, and stays until there is the new answer. */
export function askMeaningsAgain() {
  for (const entry of asked.values()) entry.old = true;
}

/** The creatives that mean what is typed; null where nobody can be asked, or nothing is typed or named. */
export function meant(report, words) {
  const typed = words.trim();
  if (typed.length < 3) return null;
  if (!isLive) return named(report, typed);
  return told(`/api/find?${new URLSearchParams({ words: typed })}`, TYPED_MS);
}

/** The creatives that say the like of one: of a report in a file those that were found as it was written, if any were. */
export function alike(report, { creative_id, alike: places }) {
  if (isLive) return told(`/api/like/${creative_id}`, 0);
  return idsAt(report, places);
}

function named(report, words) {
  return idsAt(report, report.named && nearTo(report.named, words));
}

/** An answer of a report in a file, by the places of the creatives in it; null where there is none. */
function idsAt(report, places) {
  return places ? { ids: places.map((place) => report.creatives[place]?.creative_id) } : null;
}

function told(address, wait) {
  if (!asked.has(address)) {
    const entry = { newest: inOrder() };
    asked.set(address, entry);
    if (!wait) ask(address, entry);
    else {
      clearTimeout(waiting?.timer);
      if (waiting) asked.delete(waiting.address); // not asked yet
      waiting = { address, timer: setTimeout(() => ask(address, entry), wait) };
    }
  }
  const entry = asked.get(address);
  if (entry.old && waiting?.address !== address) {
    entry.old = false;
    ask(address, entry);
  }
  return entry;
}

async function ask(address, entry) {
  if (waiting?.address === address) waiting = null;
  try {
    const said = await entry.newest(() => answer(fetch(address)));
    if (!said) return;
    entry.ids = said.creatives;
    entry.problem = null;
  } catch (error) {
    entry.problem = error.message;
  }
  if (asked.get(address) === entry) whenTold();
}
