// The gallery: all creatives, searched, filtered, sorted, a page at a time.

import { card } from "./cards.js";
import { optionLine } from "./colours.js";
import { h, idOf, show, unfolding } from "./dom.js";
import { noCreatives } from "./empty.js";
import { featureOf } from "./facets.js";
import { count, label, many } from "./format.js";
import { saveListing } from "./listing.js";
import { meant } from "./meaning.js";
import { foundBy, matching, relatives, sortings } from "./report.js";
import { selectButton, selection } from "./selecting.js";
import { plainState, toggled } from "./state.js";

const ON_A_PAGE = 60;
const OPTIONS_SHOWN = 8;
const FACETS_OPEN = 5;
const ALIKE_SHOWN = 12;

const NO_MATCH = "No creative matches.";
const NO_WORDS = "No creative has these words.";

const expanded = new Set();

/** The view; `go` is called with the state that the reader chooses, `renewed` when something was said of creatives. */
export function galleryView(report, state, go, open, renewed) {
  const results = matching(report, state);
  const listed = results.found.map((index) => report.creatives[index]);
  const { bar, tick } = selection(report, listed, renewed);
  return [
    h("div", { class: "head" }, h("h1", {}, "Gallery"), limited(report)),
    h(
      "div",
      { class: "gallery" },
      facetPanel(report, state, counted(report, state, results), go),
      h(
        "section",
        { class: "results", "aria-labelledby": "result-count" },
        toolbar(report, state, listed, go, renewed),
        chips(report, state, go),
        h(
          "p",
          { id: "result-count", class: "count", role: "status" },
          resultCount(report, state, results.found),
        ),
        bar,
        grid(report, state, listed, open, go, tick),
        inMeaning(report, state, results.found, open, tick),
      ),
    ),
  ];
}

/** How many each option would leave: of those with all words; where there are none, of those that mean the like. */
function counted(report, state, results) {
  const near = results.found.length ? null : meant(report, state.query)?.ids;
  return near?.length ? matching(report, { ...state, query: "" }, new Set(near)).counts : results.counts;
}

function limited(report) {
  if (report.n_creatives <= report.creatives.length) return null;
  return h(
    "p",
    { class: "quiet" },
    `The ${count(report.creatives.length)} most used of ${count(report.n_creatives)} creatives. All other figures count every creative.`,
  );
}

function resultCount(report, state, found) {
  const ids = new Set(found.map((index) => report.creatives[index].creative_id));
  const folded = report.creatives.filter((each, index) => report.isCopy[index] && ids.has(each.canonical_id)).length;
  const hidden = folded && !state.copies && found.length > 0;
  const tail = hidden
    ? `; ${many(folded, "duplicate")} ${folded === 1 ? "stands behind its original" : "stand behind their originals"}`
    : "";
  if (!found.length && meant(report, state.query)) return withoutWords(report, state);
  return `${many(found.length, "creative")}${tail}`;
}

/** What is said where no creative has the words: nothing of that while it is asked what means the like. */
function withoutWords(report, state) {
  if (isLooking(report, state)) return "Looking…";
  return state.chosen.size ? NO_MATCH : NO_WORDS;
}

function isLooking(report, state) {
  const told = meant(report, state.query);
  return told !== null && !told.ids && !told.problem;
}

function toolbar(report, state, listed, go, renewed) {
  const search = (query) => go({ ...state, query, page: 1 });
  return h(
    "div",
    { class: "toolbar" },
    h(
      "label",
      { class: "search" },
      h("span", { class: "hidden" }, "Search names, texts, ads"),
      h("input", {
        id: "search",
        type: "search",
        placeholder: "Search names, texts, ads",
        value: state.query,
        autocomplete: "off",
        input: (event) => event.isComposing || search(event.target.value),
        compositionend: (event) => search(event.target.value),
      }),
    ),
    h(
      "label",
      { class: "sort" },
      h("span", {}, "Sort"),
      h(
        "select",
        { id: "sort", change: (event) => go({ ...state, sort: event.target.value, page: 1 }) },
        sortings(report).map((each) =>
          h("option", { value: each.key, selected: each.key === state.sort }, each.title),
        ),
      ),
    ),
    h(
      "label",
      { class: "check" },
      h("input", {
        id: "copies",
        type: "checkbox",
        checked: state.copies,
        change: () => go({ ...state, copies: !state.copies, page: 1 }),
      }),
      "Show duplicates",
    ),
    selectButton(renewed),
    h(
      "button",
      { type: "button", class: "button", id: "export", disabled: !listed.length, click: () => saveListing(report, listed) },
      "Export (CSV)",
    ),
  );
}

function chips(report, state, go) {
  const facets = new Map(report.facets.map((facet) => [facet.key, facet]));
  const nameOf = (key, value) =>
    facets.get(key)?.options.find((option) => option.value === value)?.label ?? label(value);
  const chosen = [...state.chosen].flatMap(([key, values]) => values.map((value) => [key, value]));
  if (!chosen.length) return null;
  return h(
    "ul",
    { class: "chips", "aria-label": "Filters" },
    chosen.map(([key, value]) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", id: idOf("chip", key, value), click: () => go(toggled(state, key, value)) },
          `${facets.get(key)?.title ?? key}: ${nameOf(key, value)} `,
          h("span", { "aria-hidden": true }, "×"),
          h("span", { class: "hidden" }, "remove"),
        ),
      ),
    ),
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "plain",
          id: "clear",
          click: () => go({ ...state, chosen: new Map(), page: 1 }),
        },
        "Clear all",
      ),
    ),
  );
}

function facetPanel(report, state, counts, go) {
  const facets = report.facets.map((facet, nth) => ({ ...facet, counts: counts[nth] })).filter((facet) => isOfUse(facet, state));
  const open = window.matchMedia("(min-width: 900px)").matches;
  return unfolding(
    "facets",
    { class: "facets", "aria-label": "Filters", open },
    { text: "Filters" },
    facets.map((facet, nth) => facetBox(facet, nth, state, go)),
    facets.length ? null : h("p", { class: "quiet" }, report.creatives.length ? "There is nothing left to filter." : "What creatives show can be filtered by, once there are some."),
  );
}

const isOfUse = (facet, state) => state.chosen.has(facet.key) || facet.counts.some((each) => each > 0);

function facetBox(facet, nth, state, go) {
  const chosen = state.chosen.get(facet.key) ?? [];
  const open = chosen.length > 0 || nth < FACETS_OPEN;
  const list = h("ul", {});
  const fill = () => show(list, ...optionRows(facet, chosen, state, go, fill));
  fill();
  return unfolding(idOf("facet", facet.key), { class: "facet", open }, { text: facet.title, title: facet.hint }, list);
}

function optionRows(facet, chosen, state, go, again) {
  const rows = facet.options.map((option, code) => ({ ...option, n: facet.counts[code] }));
  const useful = rows.filter((row) => row.n > 0 || chosen.includes(row.value));
  const shown = expanded.has(facet.key)
    ? useful
    : useful.filter((row, nth) => nth < OPTIONS_SHOWN || chosen.includes(row.value));
  const more = useful.length - shown.length;
  return [
    ...shown.map((row) => optionRow(facet, row, chosen.includes(row.value), state, go)),
    more
      ? h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              class: "plain",
              id: idOf("more", facet.key),
              click: () => {
                expanded.add(facet.key);
                again();
              },
            },
            `${count(more)} more`,
          ),
        )
      : null,
  ];
}

function optionRow(facet, row, checked, state, go) {
  return h(
    "li",
    {},
    h(
      "label",
      {},
      h("input", {
        type: "checkbox",
        id: idOf("option", facet.key, row.value),
        checked,
        change: () => go(toggled(state, facet.key, row.value)),
      }),
      h("span", { class: facet.key === "tag" ? "option typed" : "option" }, optionLine(featureOf(facet), row.value, row.label)), // people's own words as they are
      h("span", { class: "number" }, count(row.n)),
    ),
  );
}

function grid(report, state, listed, open, go, tick) {
  if (!listed.length) return nothing(report, state, go);
  const pages = Math.ceil(listed.length / ON_A_PAGE);
  const page = Math.min(state.page, pages);
  const shown = listed.slice((page - 1) * ON_A_PAGE, page * ON_A_PAGE);
  return [
    h(
      "ul",
      { class: "grid" },
      shown.map((creative) => card(creative, relatives(report, creative), open, tick(creative), foundBy(report, creative, state.query))),
    ),
    pages > 1 ? pager(page, pages, (next) => go({ ...state, page: next }, { top: true })) : null,
  ];
}

/** What means what is typed and has not all of its words, among what the filters leave. */
function inMeaning(report, state, found, open, tick) {
  const told = meant(report, state.query);
  if (!told) return null;
  const listed = new Set(found);
  const allowed = new Set(
    matching(report, { ...state, query: "" })
      .found.filter((index) => !listed.has(index))
      .map((index) => report.creatives[index].creative_id),
  );
  const near = (told.ids ?? []).filter((id) => allowed.has(id)).slice(0, ALIKE_SHOWN);
  return h(
    "section",
    { class: "meaning", "aria-labelledby": "in-meaning" },
    h("h2", { id: "in-meaning" }, "Close in meaning"),
    h("p", { class: "count", role: "status" }, meaningCount(told, near.length)),
    h(
      "ul",
      { class: "grid" },
      near
        .map((id) => report.byId.get(id))
        .map((creative) => card(creative, relatives(report, creative), open, tick(creative))),
    ),
  );
}

function meaningCount(told, n) {
  if (told.problem) return `Meaning cannot be searched: ${told.problem}`;
  if (!told.ids) return "Looking for what means the like…";
  return n ? `${many(n, "creative")}, in whatever language, the closest first` : "None other means the like.";
}

function nothing(report, state, go) {
  if (!state.query && !state.chosen.size) return noCreatives(report);
  if (isLooking(report, state)) return null;
  const told = meant(report, state.query); // the count above says already what is not there
  return h(
    "div",
    { class: told?.ids?.length ? "quiet" : "empty" },
    told ? null : h("p", {}, state.chosen.size ? NO_MATCH : NO_WORDS),
    h("button", { type: "button", class: "button", click: () => go(plainState("gallery")) }, "Clear search and filters"),
  );
}

/** Buttons to the pages around; also used by other views. */
export function pager(page, pages, turn) {
  const to = (id, text, target, disabled) =>
    h("button", { type: "button", class: "button", id, disabled, click: () => turn(target) }, text);
  return h(
    "nav",
    { class: "pager", "aria-label": "Pages" },
    to("page-first", "First", 1, page === 1),
    to("page-before", "Previous", page - 1, page === 1),
    h("span", {}, `Page ${count(page)} of ${count(pages)}`),
    to("page-after", "Next", page + 1, page === pages),
    to("page-last", "Last", pages, page === pages),
  );
}
