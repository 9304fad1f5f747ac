// What only the page of `creatives up` has: it takes files and addresses, and brings itself up to date.

import { answer, AS_JSON, inOrder } from "./asking.js";
import { h, show } from "./dom.js";
import { following } from "./following.js";
import { count, many } from "./format.js";
import { sending } from "./sending.js";

const POLL_MS = 1500;
const SETTLES_AFTER = 20; // polls in which nothing waits nor changes: what was sent again was known already
const STAGES = {
  import_ads: "Importing",
  fetch: "Downloading",
  intake: "Receiving",
  hash: "Pictures",
  probe: "Videos",
  render: "Banners",
  dedup: "Comparing",
  extract: "Describing",
  verify: "Verifying",
  embed: "Finding likes",
  measure: "Measuring",
  settle: "Counting",
};

/** What was accepted and is in no count yet. */
const onTheWay = { ads: 0, seen: null, quiet: 0 };

/** How far the stages were when they were last asked, and how many ads the page says to be in progress. */
let newest = { stages: {}, counts: {} };
let inProgress = 0;

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
 * a creative that the page has, `counts` are its ads by status; `changed` gets newer data, or null, and how many ads there
 * are, with those that are in no data yet, and gives how many of them are in progress.
 */
export function livePanel(nameOf, counts, changed) {
  newest = { stages: {}, counts };
  const strip = h("div", { class: "strip", role: "group", "aria-label": "Progress" });
  const { zone, form, said } = sending(followed, take);
  followed.onPut(() => {
    inProgress = changed(null, accepted());
    showProgress(strip);
  });
  const panel = h(
    "section",
    { class: "live", "aria-label": "Add creatives" },
    zone,
    form,
    said,
    followed.panel(nameOf, (stage) => STAGES[stage] ?? stage),
    strip,
  );
  return { panel, follow: () => follow(strip, changed) };
}

function take(ads) {
  onTheWay.ads += ads;
  onTheWay.quiet = 0;
}

/** Asks how far the stages are, again and again. */
async function follow(strip, changed) {
  let before = "";
  for (;;) {
    before = await look(strip, before, changed);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const inTurn = inOrder();

/** The data as it is now; undefined where newer data has come meanwhile. */
export const latest = () => inTurn(() => answer(fetch("/api/data")));

/**
 * What became of the ads is asked before the data: what is known then is in it, so no ad is counted in neither. What was
 * sent is looked for before counts that may hold it are taken, so none is counted twice.
 */
async function look(strip, before, changed) {
  try {
    const told = await answer(fetch("/api/progress"));
    const now = JSON.stringify(told.counts);
    const isNews = now !== before;
    if (isNews || followed.asks()) await followed.look();
    newest = told;
    arrived();
    inProgress = changed(null, accepted());
    if (waits() || inProgress) showProgress(strip);
    if (isNews) inProgress = changed(await latest(), accepted());
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

/** Takes what has come into the counts off what is on the way, and all of it once nothing moves any more. */
function arrived() {
  const ads = counted();
  const came = ads - (onTheWay.seen ?? ads);
  onTheWay.quiet = came || waits() ? 0 : onTheWay.quiet + 1;
  onTheWay.ads = onTheWay.quiet > SETTLES_AFTER ? 0 : Math.max(0, onTheWay.ads - came);
  onTheWay.seen = ads;
}

/** The messages that wait for a stage. */
const waits = () => Object.values(newest.stages).reduce((sum, { waiting }) => sum + waiting, 0);

/** The ads that were accepted and that nobody has heard of since: by name, and of those beyond that by their number. */
function unseen() {
  if (onTheWay.quiet > SETTLES_AFTER) return 0;
  return Math.max(followed.count("sent"), followed.hasMore() ? onTheWay.ads : 0);
}

const counted = () => Object.values(newest.counts).reduce((sum, each) => sum + each, 0);

/** All ads: those that are counted, those that are known by name before, and those that nobody has heard of since. */
const accepted = () => counted() + Math.max(0, followed.count("pending") - (newest.counts.pending ?? 0)) + unseen();

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
          h("span", { title: name }, STAGES[name] ?? name),
          h("strong", {}, count(stages[name].waiting)),
        ),
      ),
    ),
    h("p", { class: "quiet" }, progressText()),
  );
}

function progressText() {
  const sends = followed.count("sending");
  const parts = [sends ? `${many(sends, "file")} being sent` : "", inProgress ? `${many(inProgress, "ad")} in progress` : ""].filter(Boolean);
  if (parts.length) return parts.join(", ");
  return waits() ? "Almost done." : "Nothing waits.";
}
