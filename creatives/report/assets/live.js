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
 * a creative that the page has.
 */
export function livePanel(nameOf) {
  const { zone, form, said } = sending(followed, accepted);
  const strip = h("div", { class: "strip", role: "group", "aria-label": "Progress" });
  const panel = h(
    "section",
    { class: "live", "aria-label": "Add creatives" },
    zone,
    form,
    said,
    followed.panel(nameOf, (stage) => STAGES[stage] ?? stage),
    strip,
  );
  return { panel, strip };
}

function accepted(ads) {
  onTheWay.ads += ads;
  onTheWay.quiet = 0;
}

/** Asks how far the stages are, again and again; `changed` gets the new data whenever the counts are others. */
export async function follow(strip, changed) {
  let before = "";
  for (;;) {
    before = await look(strip, before, changed);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const newest = inOrder();

/** The data as it is now; undefined where newer data has come meanwhile. */
export const latest = () => newest(() => answer(fetch("/api/data")));

async function look(strip, before, changed) {
  try {
    const progress = await answer(fetch("/api/progress"));
    const under = underWay(progress);
    const now = JSON.stringify(progress.counts);
    if (now !== before) {
      if (under.waits || under.ads) showProgress(strip, progress.stages, under);
      changed(await latest());
    }
    showProgress(strip, progress.stages, under); // nothing waits once the page shows what became of it
    if (now !== before || followed.asks()) await followed.look();
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
function arrived(ads, waiting) {
  const came = ads - (onTheWay.seen ?? ads);
  onTheWay.quiet = came || waiting ? 0 : onTheWay.quiet + 1;
  onTheWay.ads = onTheWay.quiet > SETTLES_AFTER ? 0 : Math.max(0, onTheWay.ads - came);
  onTheWay.seen = ads;
}

/** The ads that are not settled yet, and how many messages wait for a stage. */
function underWay({ stages, counts }) {
  const waits = Object.values(stages).reduce((sum, { waiting }) => sum + waiting, 0);
  arrived(
    Object.values(counts).reduce((sum, each) => sum + each, 0),
    waits,
  );
  return { ads: (counts.pending ?? 0) + onTheWay.ads, waits };
}

function showProgress(strip, stages, { ads, waits }) {
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
    h(
      "p",
      { class: "quiet" },
      waits || ads ? `${many(ads, "ad")} in progress` : "Nothing waits.",
    ),
  );
}
