// What an empty screen says: what is not there, and what would fill it.

import { h, isLive } from "./dom.js";
import { many } from "./format.js";

/** How creatives come in, from where the reader is. */
export const TO_BEGIN = isLive
  ? "Drop pictures, videos, folders, zips or lists above, or paste addresses of them."
  : "Run creatives analyze on a folder or a list, then creatives report again; or start creatives up, and drop files on its page.";

/** What is said in place of creatives while the first are under way. */
export const AWAITED = "Creatives appear here as they are analysed.";

/** A screen that waits for its first creatives, or that has none. */
export function noCreatives({ totals }, what = "There are no creatives yet.") {
  const { pending } = totals.byStatus;
  return pending ? emptyScreen(`${many(pending, "ad")} in progress.`, AWAITED) : emptyScreen(what);
}

/** A screen with nothing on it. */
export function emptyScreen(what, how = TO_BEGIN) {
  return h("div", { class: "empty" }, h("p", {}, what), h("p", { class: "quiet" }, how));
}
