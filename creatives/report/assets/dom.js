// Makes elements. Text is always text: nothing here, or anywhere in the page, reads a string as HTML.

/** Whether this is the page of `creatives up`, which has a server to ask; a report in a file has none. */
export const isLive = document.documentElement.dataset.mode === "live";

/**
 * An HTML element. A property that is a function listens to the event of its name, `style` takes an object,
 * null and false are left out; so are null children.
 */
export function h(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/** An SVG element; see `h`. */
export function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

const SCROLLS = ".facets, .scroll, pre, nav, .menu ul"; // what scrolls by itself within the page

/** What a person has opened or closed, by id: the same when the page is drawn anew. */
const unfolded = new Map();

/** A `details` that is `open`, and stays so, until a person says otherwise. */
export function unfolding(id, { open = false, ...properties }, summary, ...children) {
  const say = () => unfolded.set(id, !details.open); // a click is told before it opens
  const head = h("summary", { id, title: summary.title, click: say }, summary.text);
  if (open && !unfolded.has(id)) unfolded.set(id, true);
  const details = h("details", { ...properties, open: unfolded.get(id) }, head, ...children);
  return details;
}

/**
 * Puts `children` in place of what `container` holds. Focus, cursor, what is marked and how far it is scrolled stay in
 * the same element.
 */
export function show(container, ...children) {
  const before = container.contains(document.activeElement) ? document.activeElement : null;
  const { selectionStart: from, selectionEnd: to, selectionDirection: direction } = before ?? {};
  const scrolled = [...container.querySelectorAll(SCROLLS)].map((each) => [each, each.scrollTop, each.scrollLeft]);
  container.replaceChildren(...present(children));
  const after = before && before !== container ? sameAs(before, container) : before;
  after?.focus({ preventScroll: true });
  for (const [each, top, left] of scrolled) if (top || left) sameAs(each, container)?.scrollTo({ top, left, behavior: "instant" });
  if (typeof from === "number") after?.setSelectionRange?.(from, to, direction);
}

/** The element that stands for one of before: that of the same id, or the first of its kind that leads to the same. */
function sameAs(before, container) {
  if (before.id) return document.getElementById(before.id);
  const says = (element) => ["href", "aria-label"].map((name) => element.getAttribute(name)).join("\n");
  return [...container.querySelectorAll(before.localName)].find((each) => !each.id && says(each) === says(before));
}

/** The id of an element that is about some text: the same text gives the same id. */
export function idOf(...parts) {
  return parts
    .join("-")
    .replace(/[^A-Za-z0-9-]/g, (character) => `_${character.codePointAt(0).toString(16)}`);
}

/** A link that opens elsewhere, where `address` is a web address; its text alone where it is not. */
export function outward(address, text) {
  if (!/^https?:\/\//i.test(address ?? "")) return h("span", {}, text);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...present(children));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") element.addEventListener(name, value);
  else if (name === "style")
    for (const [key, each] of Object.entries(value)) element.style.setProperty(key, each);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}
