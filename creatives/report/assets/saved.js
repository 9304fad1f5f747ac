// Views with a name: the page of `creatives up` keeps them for every browser; a report in a file can only copy a link.

import { h, idOf, isLive, show } from "./dom.js";
import { post } from "./said.js";
import { addressOf } from "./state.js";

const TOLD_MS = 10000;

/** What the menu holds: kept while the page is drawn anew. */
const menu = { open: false, views: [], name: "", told: "" };

/** A menu of the views with a name, with what saves one; in a report only a button that copies a link to `state`. */
export function savedMenu(state) {
  const address = addressOf({ ...state, open: null, page: 1 });
  if (!isLive) return linkOnly(address);
  const body = h("div", { class: "menu" });
  const draw = () => show(body, ...content(address, draw));
  draw();
  const toggle = (event) => {
    if (menu.open === event.target.open) return;
    menu.open = event.target.open;
    if (menu.open) asked(() => fetch("/api/views").then(read), draw);
  };
  const keydown = (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.preventDefault();
    close();
    document.getElementById("saved-views")?.focus();
  };
  return h("details", { class: "saved", open: menu.open, toggle, keydown }, h("summary", { id: "saved-views", class: "button" }, "Saved views"), body);
}

function close() {
  menu.open = false;
  document.querySelector("details.saved")?.removeAttribute("open");
}

/** Whoever goes on with the page is done with the menu. */
document.addEventListener("pointerdown", (event) => menu.open && !event.target.closest(".saved") && close());

function content(address, draw) {
  const list = menu.views.map((view) => savedView(view, address, draw));
  return [
    list.length ? h("ul", {}, list) : h("p", { class: "quiet" }, "None yet: choose filters, then give the view a name."),
    nameForm(address, draw),
    copyButton(address, draw),
    h("p", { class: "quiet", role: "status" }, menu.told),
  ];
}

function linkOnly(address) {
  const said = h("span", { class: "quiet", role: "status" });
  const draw = () => {
    said.textContent = menu.told;
    setTimeout(() => (said.textContent = ""), TOLD_MS);
  };
  return h("div", { class: "saved" }, copyButton(address, draw), said);
}

const copyButton = (address, draw) =>
  h("button", { type: "button", class: "button", id: "copy-link", click: () => copied(address, draw) }, "Copy link");

function savedView(view, address, draw) {
  const remove = () => asked(() => post("/api/views", { name: view.name }), draw, `Deleted ${view.name}.`, "view-name");
  return h(
    "li",
    {},
    h("a", { href: view.address, id: idOf("view", view.name), click: close, "aria-current": view.address === address ? "true" : null, title: `Saved by ${view.author}` }, view.name),
    h("button", { type: "button", class: "plain", id: idOf("delete", view.name), click: remove }, "Delete", h("span", { class: "hidden" }, ` ${view.name}`)),
  );
}

function nameForm(address, draw) {
  const box = h("input", { id: "view-name", "aria-label": "Name of this view", placeholder: "Name of this view", maxlength: 80, autocomplete: "off", input: () => (menu.name = box.value) });
  box.value = menu.name;
  const submit = (event) => {
    event.preventDefault();
    const name = menu.name.trim();
    if (!name) return;
    const save = async () => {
      const told = await post("/api/views", { name, address });
      menu.name = "";
      return told;
    };
    asked(save, draw, `Saved ${name}.`, "view-name");
  };
  return h("form", { class: "word", submit }, box, h("button", { class: "button", id: "save-view" }, "Save"));
}

async function asked(ask, draw, told = "", focus = null) {
  try {
    menu.views = (await ask()).views;
    menu.told = told;
  } catch (error) {
    menu.told = error.message;
  }
  draw();
  if (focus) document.getElementById(focus)?.focus();
}

async function read(response) {
  const told = await response.json();
  if (!response.ok) throw new Error(told.error ?? `${response.status} ${response.statusText}`);
  return told;
}

async function copied(address, draw) {
  const link = location.href.split("#")[0] + address;
  try {
    await navigator.clipboard.writeText(link);
    menu.told = "The link is copied.";
  } catch {
    menu.told = link; // this browser lets no page copy: it can be marked and copied by hand
  }
  draw();
}
