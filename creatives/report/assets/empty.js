// What an empty screen says: what is not there, and what would fill it.

import { h, isLive } from "./dom.js";

/** How creatives come in, from where the reader is. */
export const TO_BEGIN = isLive
  ? "Drop pictures, videos, folders, zips or lists above, or paste addresses of them."
  : "Run creatives analyze on a folder or a list, then creatives report again; or start creatives up, and drop files on its page.";

/** A screen with nothing on it. */
export function emptyScreen(what, how = TO_BEGIN) {
  return h("div", { class: "empty" }, h("p", {}, what), h("p", { class: "quiet" }, how));
}
