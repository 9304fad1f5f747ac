// What the person at this page says: sent, shown at once, and shown until the data has it.

import { answer, AS_JSON, lostWithThePage } from "./asking.js";
import { isLive } from "./dom.js";

/** Whether anything can be said here: the page of `creatives up` passes it on, a report in a file has nobody to. */
export const canSay = isLive;

const LOOK_AGAIN_MS = 3000;
const ARRIVED_MS = 10000; // what was said is in the data by then
const AWAITED_MS = 60000; // what is not in the data by then comes with whatever changes next
const MOST_KEPT_ALIVE = 30000; // characters: browsers take 64 KiB of all that is under way

/** The creatives of the newest data, by id. */
let shown = new Map();

const stores = [];
let again = null;
let whenSaid = () => {};

/** `look` is called a while after somebody had a word, to get the data anew. */
export function onWord(look) {
  whenSaid = look;
}

/** Sends what is said, and gives the answer; the page goes on sending while it is closed, where that is not too much. */
export function post(address, said) {
  const body = JSON.stringify(said);
  const keepalive = body.length < MOST_KEPT_ALIVE;
  return lostWithThePage(answer(fetch(address, { method: "POST", headers: AS_JSON, body, keepalive })));
}

/**
 * Words of a kind that may be in no data yet. `keyOf` says which of them are about the same thing, `holds` whether a
 * creative of the data has one, or a newer one, and `put` puts it on the creative.
 */
export function wordsInWaiting({ keyOf, holds, put }) {
  const pending = new Map();
  const hold = (word) => {
    pending.delete(keyOf(word));
    pending.set(keyOf(word), word);
  };
  stores.push(() => {
    const now = Date.now();
    for (const [key, word] of pending) {
      const creative = shown.get(word.creative_id);
      if (!creative || holds(creative, word)) pending.delete(key);
      else put(creative, word);
      if (pending.has(key) && now - Date.parse(word.occurred_at) < AWAITED_MS) lookAgain();
    }
  });
  const arrived = (creative, word) => {
    hold(word);
    put(shown.get(word.creative_id) ?? creative, word);
    lookAgain();
  };
  return { hold, arrived, forget: (word) => pending.delete(keyOf(word)), has: (word) => pending.has(keyOf(word)) };
}

function lookAgain() {
  clearTimeout(again);
  again = setTimeout(() => whenSaid(), LOOK_AGAIN_MS);
}

/** Data as it came, with what was said since it was read. */
export function withWords(data) {
  shown = new Map(data.creatives.map((creative) => [creative.creative_id, creative]));
  for (const putAll of stores) putAll();
  return data;
}

/** A creative as the newest data has it. */
export const current = (creative) => shown.get(creative.creative_id) ?? creative;

/**
 * Whether the data has a word, or a newer one, by when it has something about the same thing. What is taken back may
 * itself not have arrived yet.
 */
export function isTold(word, at) {
  if (at) return word.action === "reset" ? Date.parse(at) > Date.parse(word.occurred_at) : Date.parse(at) >= Date.parse(word.occurred_at);
  return word.action === "reset" && Date.now() - Date.parse(word.occurred_at) > ARRIVED_MS;
}
