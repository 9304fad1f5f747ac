// What only the page of `creatives up` has: it takes files and addresses, and brings itself up to date.

import { h, show } from "./dom.js";
import { count, many } from "./format.js";

const POLL_MS = 1500;
const STAGES = {
  import_ads: "Importing",
  fetch: "Downloading",
  intake: "Receiving",
  hash: "Pictures",
  probe: "Videos",
  dedup: "Comparing",
  extract: "Describing",
};
const HEADERS = { "X-Creatives": "1" };

/** Where files are dropped and addresses are put; with a strip that tells how far they are. */
export function livePanel() {
  const said = h("p", { class: "said", role: "status" });
  const strip = h("div", { class: "strip", role: "group", "aria-label": "Progress" });
  const panel = h(
    "section",
    { class: "live", "aria-label": "Add creatives" },
    dropZone(said),
    urlForm(said),
    said,
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

async function look(strip, before, changed) {
  try {
    const progress = await answer(fetch("/api/progress"));
    showProgress(strip, progress);
    const now = JSON.stringify(progress.counts);
    if (now !== before) changed(await answer(fetch("/api/data")));
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

function showProgress(strip, { stages, counts }) {
  const order = Object.keys(STAGES);
  const names = Object.keys(stages).sort((one, other) => order.indexOf(one) - order.indexOf(other));
  const waiting = names.reduce((sum, name) => sum + stages[name].waiting, 0);
  show(
    strip,
    h(
      "ol",
      {},
      names.map((name) =>
        h(
          "li",
          { class: stages[name].waiting ? "busy" : "" },
          h("span", { title: name }, STAGES[name] ?? name),
          h("strong", {}, count(stages[name].waiting)),
        ),
      ),
    ),
    h(
      "p",
      { class: "quiet" },
      waiting || counts.pending ? `${many(counts.pending ?? 0, "ad")} in progress` : "Nothing waits.",
    ),
  );
}

function dropZone(said) {
  const input = h("input", {
    type: "file",
    id: "files",
    class: "hidden",
    multiple: true,
    accept: "image/*,video/*",
    change: () => upload(input.files, said).then(() => (input.value = "")),
  });
  const zone = h(
    "div",
    { class: "drop" },
    h(
      "p",
      {},
      h("strong", {}, "Drop pictures and videos here"),
      " or ",
      h("label", { for: "files", class: "button" }, "Choose files"),
      input,
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
    upload(event.dataTransfer.files, said);
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
    if (
      box.value.trim() &&
      (await sent(said, "/api/urls", {
        headers: { ...HEADERS, "Content-Type": "application/json" },
        body: JSON.stringify({ text: box.value }),
      }))
    )
      box.value = "";
  };
  return h(
    "form",
    { class: "urls", submit: send },
    box,
    h("button", { class: "button", id: "send-urls" }, "Analyse addresses"),
  );
}

async function upload(files, said) {
  if (!files.length) return;
  const body = new FormData();
  for (const file of files) body.append("files", file);
  said.textContent = `Sending ${many(files.length, "file")}…`;
  await sent(said, "/api/upload", { headers: HEADERS, body });
}

/** Posts, and says what was accepted and what was not; tells whether anything was. */
async function sent(said, address, request) {
  try {
    const { accepted, refused } = await answer(fetch(address, { method: "POST", ...request }));
    show(
      said,
      `${count(accepted)} accepted.`,
      ...refused.map((line) => h("span", { class: "refused" }, line)),
    );
    return accepted > 0;
  } catch (error) {
    said.textContent = `Not sent: ${error.message}`;
    return false;
  }
}

async function answer(asked) {
  const response = await asked;
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.json();
}
