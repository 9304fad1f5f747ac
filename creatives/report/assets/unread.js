// What an address says that the page does not know: told, so that nobody takes what is shown for what was sent.

import { h } from "./dom.js";
import { sortings } from "./report.js";
import { plainState } from "./state.js";

const LONGEST = 60; // characters of what is quoted
const OF_RESULTS = ["metric", "network", "campaign", "currency", "from", "to", "group", "compare"];

/** A remark for each part of the address that leads nowhere; none for what it leads to. */
export function unread(state, report) {
  const remarks = [
    state.lost && `There is no page ${quoted(state.lost)}: this is the overview.`,
    state.open && !report.byId.has(state.open) && "The creative that this link leads to is not here: it was erased, or comes from another dataset.",
    state.view === "gallery" && unknownSort(state, report),
    ...unknownFilters(state, report),
  ];
  return remarks.filter(Boolean).map(remark);
}

/** What is shown of a view; all of it, with a remark, where what the address chooses cannot be shown. */
export function shownOf(state, draw) {
  try {
    return draw(state);
  } catch (error) {
    const whole = draw(plainState(state.view)); // what is wrong with the page itself is no address's fault
    return [remark(`What this link chooses cannot be shown (${error.message}): this is all there is.`), ...whole];
  }
}

function unknownSort(state, report) {
  if (!report.creatives.length || sortings(report).some((each) => each.key === state.sort)) return null;
  return `This link sorts by ${quoted(state.sort)}, which is not known here.`;
}

/** Filters of the gallery by what none of its creatives tells, and choices of Performance that there are not. */
function unknownFilters(state, report) {
  if (!report.creatives.length) return [];
  const known = { gallery: report.facets.map((facet) => facet.key), performance: OF_RESULTS }[state.view];
  if (!known) return [];
  return [...state.chosen.keys()]
    .filter((key) => !known.includes(key))
    .map((key) => `This link filters by ${quoted(key)}, which no creative here tells: that is left out.`);
}

const remark = (text) => h("p", { class: "problem", role: "status" }, text);

const quoted = (text) => `“${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}”`;
