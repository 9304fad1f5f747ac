// Creatives by what they mean: the page of `creatives up` asks its server; a report in a file has nobody to ask.

import { isLive } from "./dom.js";

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
  for (const answer of asked.values()) answer.old = true;
}

/** The creatives that mean what is typed; null where nobody can be asked, or nothing is typed. */
export function meant(words) {
  const typed = words.trim();
  if (!isLive || typed.length < 3) return null;
  return told(`/api/find?${new URLSearchParams({ words: typed })}`, TYPED_MS);
}

/** The creatives that say the like of one; null where nobody can be asked. */
export function alike(creativeId) {
  return isLive ? told(`/api/like/${creativeId}`, 0) : null;
}

function told(address, wait) {
  if (!asked.has(address)) {
    const answer = {};
    asked.set(address, answer);
    if (!wait) ask(address, answer);
    else {
      clearTimeout(waiting?.timer);
      if (waiting) asked.delete(waiting.address); // not asked yet
      waiting = { address, timer: setTimeout(() => ask(address, answer), wait) };
    }
  }
  const answer = asked.get(address);
  if (answer.old && waiting?.address !== address) {
    answer.old = false;
    ask(address, answer);
  }
  return answer;
}

async function ask(address, answer) {
  if (waiting?.address === address) waiting = null;
  try {
    const response = await fetch(address);
    const said = await response.json();
    if (!response.ok) throw new Error(said.error ?? `${response.status} ${response.statusText}`);
    answer.ids = said.creatives;
    answer.problem = null;
  } catch (error) {
    answer.problem = error.message;
  }
  if (asked.get(address) === answer) whenTold();
}
