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

/** Puts `children` in place of what `container` holds; focus, cursor and what is marked stay in the element of the same id. */
export function show(container, ...children) {
  const before = container.contains(document.activeElement) ? document.activeElement : null;
  const { selectionStart: from, selectionEnd: to, selectionDirection: direction } = before ?? {};
  container.replaceChildren(...present(children));
  const after = before?.id ? document.getElementById(before.id) : null;
  after?.focus({ preventScroll: true });
  if (typeof from === "number") after?.setSelectionRange?.(from, to, direction);
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
