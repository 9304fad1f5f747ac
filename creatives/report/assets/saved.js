// Views with a name: the page of `creatives up` keeps them for every browser; a report in a file can only copy a link.

import { answer, inOrder } from "./asking.js";
import { h, idOf, isLive, show } from "./dom.js";
import { post } from "./said.js";
import { addressOf } from "./state.js";

const TOLD_MS = 10000;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/** What the menu holds, and where it stands: kept while the page is drawn anew. */
const menu = { open: false, views: [], name: "", told: "", address: "", body: null };
const newest = inOrder();

/** A menu of the views with a name, with what saves one; in a report only a button that copies a link to `state`. */
export function savedMenu(state) {
  const address = addressOf({ ...state, open: null, page: 1 });
  if (!isLive) return linkOnly(address);
  Object.assign(menu, { address, body: h("div", { class: "menu" }) });
  draw();
  const toggle = (event) => {
    if (menu.open === event.target.open) return;
    menu.open = event.target.open;
    if (!menu.open) return;
    tell("");
    asked(() => answer(fetch("/api/views")));
  };
  const keydown = (event) => {
    if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      close();
      document.getElementById("saved-views")?.focus();
    } else if (STEPS[event.key] && !event.isComposing) {
      event.preventDefault();
      walk(event.currentTarget, STEPS[event.key]);
    }
  };
  // Whoever goes on by Tab is done with the menu; what is drawn anew loses the focus to nothing.
  const focusout = (event) => event.relatedTarget && !event.relatedTarget.closest(".saved") && close();
  return h("details", { class: "saved", open: isOpen(), toggle, keydown, focusout }, h("summary", { id: "saved-views", class: "button" }, "Saved views"), menu.body);
}

/** Takes the focus to the next thing of the menu, or the one before; the first opens it. */
function walk(details, step) {
  details.open = true;
  const stops = [...details.querySelectorAll("summary, a, button, input")];
  const at = stops.indexOf(document.activeElement);
  stops[(at + step + stops.length) % stops.length].focus();
}

/** As it is seen: what opened it is told of it a while later. */
const isOpen = () => document.querySelector("details.saved")?.open;

function close() {
  menu.open = false;
  document.querySelector("details.saved")?.removeAttribute("open");
}

/** Whoever goes on with the page is done with the menu. */
document.addEventListener("pointerdown", (event) => isOpen() && !event.target.closest(".saved") && close());

function draw() {
  show(menu.body, ...content(menu.address));
}

function tell(what) {
  menu.told = what;
  draw();
}

function content(address) {
  const list = menu.views.map((view) => savedView(view, address));
  return [
    list.length ? h("ul", {}, list) : h("p", { class: "quiet" }, "None yet: choose filters, then give the view a name."),
    nameForm(address),
    copyButton(address, tell),
    h("p", { class: "quiet", role: "status" }, menu.told),
  ];
}

function linkOnly(address) {
  const said = h("span", { class: "quiet", role: "status" });
  const told = (what) => {
    said.textContent = what;
    setTimeout(() => (said.textContent = ""), TOLD_MS);
  };
  return h("div", { class: "saved" }, copyButton(address, told), said);
}

const copyButton = (address, told) =>
  h("button", { type: "button", class: "button", id: "copy-link", click: async () => told(await copied(address)) }, "Copy link");

function savedView(view, address) {
  const remove = () => asked(() => post("/api/views", { name: view.name }), `Deleted ${view.name}.`, "view-name");
  return h(
    "li",
    {},
    h("a", { href: view.address, id: idOf("view", view.name), click: close, "aria-current": view.address === address ? "true" : null, title: `Saved by ${view.author}` }, view.name),
    h("button", { type: "button", class: "plain", id: idOf("delete", view.name), click: remove }, "Delete", h("span", { class: "hidden" }, ` ${view.name}`)),
  );
}

function nameForm(address) {
  const box = h("input", { id: "view-name", "aria-label": "Name of this view", placeholder: "Name of this view", maxlength: 80, autocomplete: "off", input: () => (menu.name = box.value) });
  box.value = menu.name;
  const submit = (event) => {
    event.preventDefault();
    const name = menu.name.trim();
    if (!name) return;
    const save = async () => {
      const told = await post("/api/views", { name, address });
      if (menu.name.trim() === name) menu.name = "";
      return told;
    };
    asked(save, `Saved ${name}.`, "view-name");
  };
  return h("form", { class: "word", submit }, box, h("button", { class: "button", id: "save-view" }, "Save"));
}

async function asked(ask, told = null, focus = null) {
  try {
    const { views } = (await newest(ask)) ?? menu;
    menu.views = views;
    tell(told ?? menu.told);
  } catch (error) {
    tell(error.message);
  }
  if (focus) document.getElementById(focus)?.focus();
}

/** What to tell of a link that is copied. */
async function copied(address) {
  const link = location.href.split("#")[0] + address;
  try {
    await navigator.clipboard.writeText(link);
    return "The link is copied.";
  } catch {
    return link; // this browser lets no page copy: it can be marked and copied by hand
  }
}
