// Puts the page together: the state is in the address, a change of either shows the view anew.

import { detailsDialog, fillDetails } from "./details.js";
import { h, isLive, show } from "./dom.js";
import { failuresView } from "./failures.js";
import { count, moment } from "./format.js";
import { galleryView } from "./gallery.js";
import { latest, livePanel } from "./live.js";
import { askMeaningsAgain, onMeaning } from "./meaning.js";
import { moneyView } from "./money.js";
import { overviewView } from "./overview.js";
import { performanceView } from "./performance.js";
import { whenReleased } from "./pointer.js";
import { isHere, leastSure, matching, prepare, withAccepted } from "./report.js";
import { reviewKey, reviewView } from "./review.js";
import { canSay, onWord, withWords } from "./said.js";
import { savedMenu } from "./saved.js";
import { addressOf, parseState, plainState } from "./state.js";
import { shownOf, unread } from "./unread.js";
import { familiesWithVersions, versionsView } from "./versions.js";

const main = h("main", { id: "main", tabindex: -1 });
const bar = h("header", { class: "bar" });
const dialog = detailsDialog(() => state.open && go({ ...state, open: null }));

let report = prepare(JSON.parse(document.getElementById("data").textContent));
let state = parseState(location.hash);
let accepted = 0; // ads, with those that are not in the report's data
const live = isLive ? livePanel((id) => report.byId.get(id)?.name, changed) : null;

/** Shows a state and puts it into the address. */
function go(next, { top = false } = {}) {
  const before = state;
  state = next;
  const isAboutDetails = onlyDetailsDiffer(before, next);
  if (isAboutDetails && !next.open && history.state?.isOpened) return history.back(); // Back then opens nothing again
  keepAddress(before);
  if (isAboutDetails) drawDetails();
  else draw();
  if (top) toTop();
  return undefined;
}

/** Puts the state into the address: a step of its own where a view or a dialog is opened, not where it is turned over. */
function keepAddress(before) {
  const address = addressOf(state);
  if (address === location.hash) return;
  const isOpened = !before.open && Boolean(state.open);
  if (isOpened || state.view !== before.view) history.pushState({ isOpened }, "", address);
  else history.replaceState(history.state, "", address);
}

function onlyDetailsDiffer(one, other) {
  return one.open !== other.open && addressOf({ ...one, open: null }) === addressOf({ ...other, open: null });
}

function toTop() {
  window.scrollTo({ top: 0 });
  main.focus({ preventScroll: true });
}

function draw() {
  if (document.documentElement.dataset.view !== state.view) live?.fold(); // else it hides the view that was chosen
  document.documentElement.dataset.view = state.view;
  show(bar, ...barContent());
  bar.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  show(main, ...unread(state, report), ...shownOf(beneath(), views[state.view]));
  document.title = `${main.querySelector("h1")?.textContent ?? ""} · Creatives`;
  drawDetails();
}

/** Shows what was said in the dialog: it may be about what else is counted, filtered by, or a version. */
function renewed() {
  report = prepare(report);
  draw();
}

const open = (id) => go({ ...state, open: id });

/** What a view is drawn from: what is chosen in it later leaves no dialog open, whatever is open while it is drawn. */
const beneath = () => ({ ...state, open: null, lost: null });

const views = {
  overview: () => overviewView(report, open),
  gallery: (chosen) => galleryView(report, chosen, go, open, renewed),
  versions: (chosen) => versionsView(report, chosen, go, open),
  failures: () => failuresView(report, open),
  money: () => moneyView(report),
  performance: (chosen) => performanceView(report, chosen, go, open),
  review: (chosen) => reviewView(report, chosen, (at) => go({ ...state, at }), draw),
};

function drawDetails() {
  if (!state.open) {
    if (dialog.open) dialog.close();
    return;
  }
  fillDetails(dialog, report, state.open, neighboursOf(state.open), (id) => go({ ...state, open: id }), renewed);
}

/** The creatives before and after one, in the order of the gallery. */
function neighboursOf(id) {
  if (state.view === "performance") return {};
  const ids = matching(report, state).found.map((index) => report.creatives[index].creative_id);
  const at = ids.indexOf(id);
  return at < 0 ? {} : { before: ids[at - 1], after: ids[at + 1] };
}

function barContent() {
  const links = [
    ["overview", "Overview", null],
    ["gallery", "Gallery", report.isCopy.filter((copy) => !copy).length],
    ["versions", "Versions", familiesWithVersions(report).length],
    ["failures", "Failures", report.totals.byStatus.failed],
    ["money", "Money", null],
    ["performance", "Performance", null],
    ...(canSay ? [["review", "Review", leastSure(report).length]] : []),
  ];
  return [
    h(
      "a",
      {
        class: "skip",
        href: "#main",
        click: (event) => {
          event.preventDefault();
          main.focus();
        },
      },
      "Skip to content",
    ),
    h("a", { class: "brand", href: "#/overview" }, "Creatives"),
    savedMenu(state),
    h("nav", { "aria-label": "Views" }, h("ul", {}, links.map(link))),
    h(
      "p",
      { class: "origin" },
      isHere(report) ? "On this machine" : report.project,
      h("span", {}, moment(report.generated_at)),
    ),
  ];
}

function link([view, text, number]) {
  const current = state.view === view ? "page" : null;
  return h(
    "li",
    {},
    h(
      "a",
      { href: `#/${view}`, "aria-current": current, id: `view-${view}` },
      text,
      number === null ? null : h("span", { class: "number" }, count(number)),
    ),
  );
}

function onAddress() {
  const before = state;
  state = parseState(location.hash);
  if (onlyDetailsDiffer(before, state)) drawDetails();
  else draw();
  if (state.view !== before.view) toTop();
}

function onKey(event) {
  if (event.key === "/" && !dialog.open && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
    event.preventDefault();
    if (state.view !== "gallery") go(plainState("gallery"));
    document.getElementById("search")?.focus();
  }
  if (state.view === "review" && !dialog.open && reviewKey(event)) event.preventDefault();
  if (
    dialog.open &&
    (event.key === "ArrowLeft" || event.key === "ArrowRight") &&
    !/^(PRE|INPUT|TEXTAREA|SELECT|VIDEO)$/.test(event.target.tagName) // which use arrows themselves
  ) {
    document.getElementById(event.key === "ArrowLeft" ? "details-before" : "details-after")?.click();
  }
}

function start() {
  document.getElementById("app").replaceChildren(...[bar, live?.panel, main, dialog].filter(Boolean));
  window.addEventListener("popstate", onAddress);
  document.addEventListener("keydown", onKey);
  draw();
  if (!live) return;
  onMeaning(() => whenReleased(draw));
  onWord(() => latest().then((data) => changed(data, accepted)));
  live.follow();
}

/** Takes newer data, where there is some, and how many ads there are by now; gives how many of them are in progress. */
function changed(data, ads) {
  if (data || ads !== accepted) {
    accepted = ads;
    report = withAccepted(data ? prepare(withWords(data)) : report, accepted);
    if (data) askMeaningsAgain();
    whenReleased(draw);
  }
  return report.totals.byStatus.pending;
}

start();
