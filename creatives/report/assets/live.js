// What only the page of `creatives up` has: it takes files and addresses, and brings itself up to date.

import { h, show } from "./dom.js";
import { following } from "./following.js";
import { count, many } from "./format.js";

const POLL_MS = 1500;
const SETTLES_AFTER = 20; // polls in which nothing waits nor changes: what was sent again was known already
const AT_ONCE = 200; // files in a request
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
const HEADERS = { "X-Creatives": "1" };

/** What was accepted and is in no count yet. */
const onTheWay = { ads: 0, seen: null, quiet: 0 };

const followed = following((keys) =>
  answer(
    fetch("/api/uploads/status", {
      method: "POST",
      headers: { ...HEADERS, "Content-Type": "application/json" },
      body: JSON.stringify({ keys }),
    }),
  ),
);

/**
 * Where files are dropped and addresses are put; with a strip that tells how far they are. `nameOf` gives the name of
 * a creative that the page has.
 */
export function livePanel(nameOf) {
  const said = h("p", { class: "said", role: "status" });
  const strip = h("div", { class: "strip", role: "group", "aria-label": "Progress" });
  const panel = h(
    "section",
    { class: "live", "aria-label": "Add creatives" },
    dropZone(said),
    urlForm(said),
    said,
    followed.panel(nameOf, (stage) => STAGES[stage] ?? stage),
    strip,
  );
  return { panel, strip };
}

/** Asks how far the stages are, again and again; `changed` gets the new data whenever the counts are others. */
export async function follow(strip, changed) {
  let before = "";
  for (;;) {
    before = await look(strip, before, changed);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The data as it is now. */
export const latest = () => answer(fetch("/api/data"));

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

function dropZone(said) {
  const input = h("input", {
    type: "file",
    id: "files",
    class: "hidden",
    multiple: true,
    accept: "image/*,video/*,.zip,.csv,.tsv,.xlsx,.json,.txt",
    change: () => upload([...input.files].map(alone), said).then(() => (input.value = "")),
  });
  const folder = h("input", {
    type: "file",
    id: "folder",
    class: "hidden",
    multiple: true,
    webkitdirectory: true,
    change: () => upload([...folder.files].map(ofFolder), said).then(() => (folder.value = "")),
  });
  const zone = h(
    "div",
    { class: "drop" },
    h(
      "p",
      {},
      h("strong", {}, "Drop pictures, videos, folders, zips or lists here"),
      " or ",
      h("label", { for: "files", class: "button" }, "Choose files"),
      input,
      " ",
      h("label", { for: "folder", class: "button" }, "Choose a folder"),
      folder,
    ),
  );
  const over = (event) => {
    event.preventDefault();
    zone.classList.add("over");
  };
  const out = () => zone.classList.remove("over");
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", out);
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    out();
    dropped(event.dataTransfer).then((files) => upload(files, said));
  });
  return zone;
}

function urlForm(said) {
  const box = h("textarea", {
    id: "urls",
    rows: 2,
    placeholder: "https://… one address a line",
    "aria-label": "Addresses of pictures and videos, one a line",
  });
  const send = async (event) => {
    event.preventDefault();
    const told = { accepted: 0, refused: 0 };
    const headers = { ...HEADERS, "Content-Type": "application/json" };
    if (box.value.trim()) await sent(said, "/api/urls", { headers, body: JSON.stringify({ text: box.value }) }, told);
    if (told.accepted) box.value = "";
  };
  return h(
    "form",
    { class: "urls", submit: send },
    box,
    h("button", { class: "button", id: "send-urls" }, "Analyse addresses"),
  );
}

const alone = (file) => ({ file, path: file.name });
const ofFolder = (file) => ({ file, path: file.webkitRelativePath || file.name });

/** The files of what was dropped, with those of folders: `path` says where in the folder each lies. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map(alone);
  const found = await Promise.all(entries.map(filesOf));
  return found.flat();
}

async function filesOf(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) return [{ file: await new Promise((done, failed) => entry.file(done, failed)), path }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // A reader gives a part of a large folder at a time, and none at its end.
    const part = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!part.length) return found;
    for (const each of part) found.push(...(await filesOf(each)));
  }
}

async function upload(files, said) {
  const told = { accepted: 0, refused: 0 };
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const body = new FormData();
    for (const { file, path } of files.slice(from, from + AT_ONCE)) body.append("files", file, path);
    followed.sending(files.slice(from, from + AT_ONCE).map(({ path }) => path));
    said.textContent = `Sending ${many(files.length, "file")}, ${count(from)} sent…`;
    if (!(await sent(said, "/api/upload", { headers: HEADERS, body }, told))) return;
  }
}

/** Posts, and says what was accepted and what was not, with what `told` has of before; tells whether it was sent. */
async function sent(said, address, request, told = { accepted: 0, refused: 0 }) {
  try {
    const { accepted, refused, ads } = await answer(fetch(address, { method: "POST", ...request }));
    told.accepted += accepted;
    told.refused += refused.length;
    onTheWay.ads += accepted;
    onTheWay.quiet = 0;
    followed.sent(ads, refused, accepted - ads.length);
    said.textContent = `${count(told.accepted)} accepted.${told.refused ? ` ${many(told.refused, "remark")} below.` : ""}`;
    return true;
  } catch (error) {
    followed.unsent(error.message);
    said.textContent = `Not sent: ${error.message}`;
    return false;
  }
}

async function answer(asked) {
  const response = await asked;
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.json();
}
