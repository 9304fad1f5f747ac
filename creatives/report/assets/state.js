// What the reader has chosen: kept in the address, so that it can be bookmarked, sent and gone back to.

export const VIEWS = ["overview", "gallery", "versions", "failures", "money", "performance", "review"];

/** What an address says; anything in it that is not known is left out, and `lost` is a view that there is not. */
export function parseState(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const fields = new URLSearchParams(query);
  const chosen = new Map();
  for (const [key, value] of fields) {
    if (key.startsWith("by.")) chosen.set(key.slice(3), [...(chosen.get(key.slice(3)) ?? []), value]);
  }
  return {
    view: VIEWS.includes(path) ? path : VIEWS[0],
    lost: path && !VIEWS.includes(path) ? path : null,
    query: fields.get("q") ?? "",
    sort: fields.get("sort") ?? "used",
    page: Math.max(1, Number.parseInt(fields.get("page"), 10) || 1),
    copies: fields.get("copies") === "yes",
    open: fields.get("creative"),
    at: fields.get("at"),
    chosen,
  };
}

/** The address of a state. */
export function addressOf(state) {
  const fields = new URLSearchParams();
  if (state.query) fields.set("q", state.query);
  if (state.sort !== "used") fields.set("sort", state.sort);
  if (state.page > 1) fields.set("page", state.page);
  if (state.copies) fields.set("copies", "yes");
  for (const [key, values] of state.chosen) for (const value of values) fields.append(`by.${key}`, value);
  if (state.at) fields.set("at", state.at);
  if (state.open) fields.set("creative", state.open);
  return `#/${state.view}${fields.size ? `?${fields}` : ""}`;
}

/** A state in which nothing but the view is chosen, and `changes`. */
export function plainState(view, changes = {}) {
  return { ...parseState(`#/${view}`), ...changes };
}

/** The state with an option of a facet chosen, or no longer. */
export function toggled(state, key, value) {
  const before = state.chosen.get(key) ?? [];
  const after = before.includes(value) ? before.filter((each) => each !== value) : [...before, value];
  const chosen = new Map(state.chosen);
  if (after.length) chosen.set(key, after);
  else chosen.delete(key);
  return { ...state, chosen, page: 1 };
}
