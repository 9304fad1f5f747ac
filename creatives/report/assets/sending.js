// Files and addresses that are dropped, chosen or pasted: what cannot work is told, all else is sent.

import { answer, AS_JSON, HEADERS, lostWithThePage } from "./asking.js";
import { h } from "./dom.js";
import { count, many } from "./format.js";

const AT_ONCE = 200; // files in a request
const HEAD_BYTES = 4096; // of a file: by these the server tells what it is

/** Where files are dropped, and addresses put; `accepted` is told how many ads the server has taken. */
export function sending(followed, accepted) {
  const said = h("p", { class: "said", role: "status" });
  const box = h("textarea", {
    id: "urls",
    rows: 2,
    placeholder: "https://… one or many, in lines, in a table or within a letter",
    "aria-label": "Addresses of pictures and videos, in lines, in a table or within a letter",
  });
  const to = { said, followed, accepted };
  const give = (transfer) => {
    const text = transfer.files.length ? "" : textOf(transfer);
    return text ? sendAddresses(text, to) : dropped(transfer).then((files) => upload(files, to));
  };
  document.addEventListener("paste", (event) => {
    const { files } = event.clipboardData;
    if (!files.length) return; // text goes where it is pasted
    event.preventDefault();
    upload([...files].map(alone), to);
  });
  return { zone: dropZone(give, to), form: urlForm(box, to), said };
}

function dropZone(give, to) {
  const zone = h(
    "div",
    { class: "drop" },
    h(
      "p",
      {},
      h("strong", {}, "Drop pictures, videos, folders, zips or lists here"),
      " or ",
      ...chooser("files", "Choose files", alone, to),
      " ",
      ...chooser("folder", "Choose a folder", ofFolder, to),
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
    give(event.dataTransfer);
  });
  return zone;
}

function chooser(id, text, named, to) {
  const input = h("input", {
    type: "file",
    id,
    class: "hidden",
    multiple: true,
    webkitdirectory: named === ofFolder,
    change: () => upload([...input.files].map(named), to).then(() => (input.value = "")),
  });
  return [h("label", { for: id, class: "button" }, text), input];
}

function urlForm(box, to) {
  const send = async (event) => {
    event.preventDefault();
    const text = box.value;
    if (!text.trim()) {
      to.said.textContent = "There is no address yet: put some into the box.";
      box.focus();
      return;
    }
    const told = await sendAddresses(text, to);
    // What is refused stays, to be mended.
    if (told && box.value === text && told.accepted) box.value = told.refused.map(({ name }) => name).join("\n");
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

/** The addresses of what was dropped, as of a picture or link of another page. */
const textOf = (transfer) => transfer.getData("text/uri-list") || transfer.getData("text/plain");

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

function sendAddresses(text, to) {
  to.followed.begins();
  const request = { headers: AS_JSON, body: JSON.stringify({ text }) };
  return lostWithThePage(sent("/api/urls", request, to, nothing()));
}

/** Sends files; `column` holds the addresses of a list, where a person said so. */
async function upload(files, to, column = null) {
  if (!files.length) return;
  to.followed.begins();
  await lostWithThePage(sendFiles(files, to, column));
}

async function sendFiles(files, to, column) {
  const told = nothing();
  const fit = await withoutUnfit(files, to, told);
  for (const group of groups(fit)) {
    const body = new FormData();
    if (column) body.append("url_column", column);
    for (const { file, path } of group) body.append("files", file, path);
    to.followed.sending(group.map(({ path }) => path));
    to.said.textContent = `Sending ${many(fit.length, "file")}, ${count(told.accepted)} accepted…`;
    const again = (path) => group.filter((each) => each.path === path);
    if (!(await sent("/api/upload", { headers: HEADERS, body }, to, told, again))) return;
  }
}

/** The files that can work, as far as their beginnings and sizes tell; the others are told by name. */
async function withoutUnfit(files, to, told) {
  const fit = [];
  try {
    for (const group of groups(files)) {
      to.said.textContent = `Looking at ${many(files.length, "file")}…`;
      const refused = await refusals(group);
      fit.push(...group.filter((_, index) => !refused[index]));
      told.refused.push(...refused.filter(Boolean));
    }
  } catch (error) {
    to.said.textContent = `Not sent: ${error.message}`;
    return [];
  }
  to.followed.refused(told.refused);
  tell(to, told);
  return fit;
}

async function refusals(files) {
  const body = new FormData();
  const unreadable = new Map();
  for (const [index, { file, path }] of files.entries()) {
    const head = await file.slice(0, HEAD_BYTES).arrayBuffer().catch(() => null);
    if (!head) unreadable.set(index, { name: path, why: "it cannot be read on this machine" });
    body.append("files", new Blob([head ?? ""]), path);
    body.append("sizes", file.size);
  }
  const { refused } = await answer(fetch("/api/check", { method: "POST", headers: HEADERS, body }));
  return refused.map((each, index) => unreadable.get(index) ?? each);
}

function* groups(files) {
  for (let from = 0; from < files.length; from += AT_ONCE) yield files.slice(from, from + AT_ONCE);
}

const nothing = () => ({ accepted: 0, refused: [], remarks: 0 });

/**
 * Posts, and says what was accepted and what was not, with what `told` has of before; null where it was not sent. `again`
 * gives the file of a name, to be sent once more with the column that a person chooses.
 */
async function sent(address, request, to, told, again = () => []) {
  try {
    const { accepted, refused, remarks, ads } = await answer(fetch(address, { method: "POST", ...request }));
    told.accepted += accepted;
    told.refused.push(...refused);
    told.remarks += remarks.length;
    to.accepted(accepted);
    to.followed.sent(ads, remarks, accepted - ads.length);
    to.followed.refused(refused.map((each) => ({ ...each, mend: mending(each, again(each.name), to) })));
    tell(to, told);
    return told;
  } catch (error) {
    to.followed.unsent(error.message);
    to.said.textContent = `Not sent: ${error.message}`;
    return null;
  }
}

/** What sends a list again, its addresses in the column that is chosen; null of what is no list that we have. */
function mending({ columns = [] }, files, to) {
  return columns.length && files.length ? (column) => upload(files, to, column) : null;
}

/** "2 accepted. 1 not taken, and why: below." */
function tell({ said }, { accepted, refused, remarks }) {
  const parts = [`${count(accepted)} accepted.`];
  if (refused.length) parts.push(`${count(refused.length)} not taken, with the reason below.`);
  if (remarks) parts.push(`${many(remarks, "remark")} below.`);
  said.textContent = parts.join(" ");
}
