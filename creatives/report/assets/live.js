// What only the page of `creatives up` has: it takes files and addresses, and brings itself up to date.

import { answer, AS_JSON, inOrder } from "./asking.js";
import { h, show } from "./dom.js";
import { following } from "./following.js";
import { count, many, STAGES, stageName } from "./format.js";
import { sending } from "./sending.js";

const POLL_MS = 1500;

/** How far the stages are and how many ads there are, as the server told last, and how many the page says to be in progress. */
let newest = { stages: {}, accepted: 0 };
let inProgress = 0;
let isTold = true; // whether that was told after something was sent
let wake = () => {};

const followed = following((keys) =>
  answer(
    fetch("/api/uploads/status", {
      method: "POST",
      headers: AS_JSON,
      body: JSON.stringify({ keys }),
    }),
  ),
);

/**
 * Where files are dropped and addresses are put; with a strip that tells how far they are. `nameOf` gives the name of
 * a creative that the page has; `changed` gets newer data, or null, and how many ads there are, with those that are in
 * no data yet, and gives how many of them are in progress.
 */
export function livePanel(nameOf, changed) {
  const strip = h("div", { class: "strip", role: "group", "aria-label": "Progress" });
  const { zone, form, said } = sending(followed, () => {
    isTold = false;
    wake();
  });
  followed.onPut(() => showProgress(strip));
  const panel = h(
    "section",
    { class: "live", "aria-label": "Add creatives" },
    zone,
    form,
    said,
    followed.panel(nameOf, stageName),
    strip,
  );
  return { panel, fold: followed.fold, follow: () => follow(strip, changed) };
}

/** Asks how far the stages are, again and again, and at once where something was sent. */
async function follow(strip, changed) {
  let before = "";
  for (;;) {
    const woken = new Promise((resolve) => (wake = resolve));
    before = await look(strip, before, changed);
    await Promise.race([woken, new Promise((resolve) => setTimeout(resolve, POLL_MS))]);
  }
}

const inTurn = inOrder();

/** The data as it is now; undefined where newer data has come meanwhile. */
export const latest = () => inTurn(() => answer(fetch("/api/data")));

/**
 * The server counts what it accepted: how many ads there are is one answer of one moment. What became of those in the list
 * is asked before the data, so that what is known of them by name is in it.
 */
async function look(strip, before, changed) {
  try {
    const isAsked = !isTold;
    isTold = true; // unless something is sent meanwhile
    const told = await answer(fetch("/api/progress"));
    const now = JSON.stringify([told.counts, told.told]);
    const isNews = now !== before || isAsked; // results of ads change no count
    if (isNews || followed.asks()) await followed.look();
    newest = told;
    inProgress = changed(null, told.accepted);
    if (waits() || inProgress) showProgress(strip);
    if (isNews) inProgress = changed(await latest(), told.accepted);
    followed.draw(); // with the names that came
    showProgress(strip); // nothing waits once the page shows what became of it
    return now;
  } catch (error) {
    show(
      strip,
      h(
        "p",
        { class: "problem" },
        `The pipeline does not answer: ${error.message}. Start it again with creatives up.`,
      ),
    );
    return before;
  }
}

/** The messages that wait for a stage. */
const waits = () => Object.values(newest.stages).reduce((sum, { waiting }) => sum + waiting, 0);

/** The stages, each with its ads: an ad that is told twice waits twice, and is one ad. */
function showProgress(strip) {
  const { stages } = newest;
  const order = Object.keys(STAGES);
  const names = Object.keys(stages).sort((one, other) => order.indexOf(one) - order.indexOf(other));
  show(
    strip,
    h(
      "ol",
      {},
      names.filter((name) => stages[name].waiting).map((name) =>
        h(
          "li",
          {},
          h("span", { title: name }, stageName(name)),
          inProgress ? h("strong", {}, count(Math.min(stages[name].waiting, inProgress))) : null,
        ),
      ),
    ),
    h("p", { class: "quiet" }, progressText()),
  );
}

function progressText() {
  const sends = followed.count("sending");
  const parts = [sends ? `${many(sends, "file")} being sent` : "", inProgress ? `${many(inProgress, "ad")} in progress` : ""].filter(Boolean);
  if (!isTold) parts.push("counting what was sent…");
  if (parts.length) return capital(parts.join(", "));
  return waits() ? "Almost done." : "Nothing waits.";
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);
