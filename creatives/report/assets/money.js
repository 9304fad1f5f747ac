// Money: what was spent, day by day, and what finding duplicates saved.

import { h } from "./dom.js";
import { emptyScreen } from "./empty.js";
import { count, day, many, money, ofThem } from "./format.js";

const DAY_WIDTH = 64; // pixels; less where there are many days
const NARROWEST = 220;

/** Whether answers are those of the reader that works without a model: its version stands in a model's place. */
const isOffline = ({ model }) => model.startsWith("offline-");

/** What the whole dataset took; `offline` of the answers are no model's. */
export function spendingOf(report) {
  const sum = (name, rows = report.spending) => rows.reduce((total, row) => total + Number(row[name] ?? 0), 0);
  return {
    spent: sum("cost_usd"),
    saved: sum("saved_usd"),
    answers: sum("answers"),
    offline: sum("answers", report.spending.filter(isOffline)),
    duplicates: sum("duplicates"),
    unpriced: sum("unpriced"),
  };
}

/** The view. */
export function moneyView(report) {
  const total = spendingOf(report);
  const asked = total.answers - total.offline;
  return [
    h("div", { class: "head" }, h("h1", {}, "Money"), h("p", { class: "lead" }, lead(total))),
    h(
      "ul",
      { class: "figures" },
      figure(spentOf(total), "spent on answers"),
      figure(money(total.saved), "saved by duplicates"),
      asked || !total.offline ? figure(count(asked), `${ofThem(asked, "answer")} from models`) : null,
      total.offline ? figure(count(total.offline), `${ofThem(total.offline, "answer")} read offline, of no model`) : null,
      figure(count(total.duplicates), `${ofThem(total.duplicates, "answer")} that duplicates spared`),
    ),
    unspared(report, total),
    total.unpriced
      ? h(
          "p",
          { class: "problem" },
          `${many(total.unpriced, "answer")} of models without a known price: in no sum of money.`,
        )
      : null,
    report.spending.length
      ? [dayChart(report.spending), dayTable(report.spending)]
      : emptyScreen("Nothing has been asked of any model yet."),
  ];
}

/** Why fewer answers were spared than there are duplicates: a smaller copy may come, and be asked about, first. */
function unspared({ totals }, { duplicates }) {
  const files = totals.filesByStatus.duplicate;
  const asked = files - duplicates;
  if (asked <= 0) return null;
  const came = asked === 1 ? "it was analysed before the file that stands for it came" : "they were analysed before the files that stand for them came";
  return h("p", { class: "quiet" }, `Of ${many(files, "duplicate")} ${count(asked)} saved nothing: ${came}.`);
}

/** A number with its name; also used by other views. */
export function figure(value, name, tone = "") {
  return h("li", { class: tone }, h("strong", {}, value), h("span", {}, name));
}

/** What was spent; of answers without a price it is not known, and so nor is a sum of nothing else. */
export function spentOf({ spent, unpriced }) {
  return unpriced && !spent ? "unknown" : money(spent);
}

function lead({ spent, saved, duplicates, unpriced }) {
  if (unpriced && !spent)
    return `What ${many(unpriced, "answer")} cost is not known. Finding duplicates saved ${many(duplicates, "extraction")}.`;
  if (!spent && !saved)
    return `Nothing was spent. Finding duplicates saved ${many(duplicates, "extraction")}.`;
  return `${money(spent)} spent; ${money(saved)} not spent, because ${many(duplicates, "file is a duplicate", "files are duplicates")}.`;
}

function byDay(rows) {
  const days = new Map();
  for (const row of rows) {
    const before = days.get(row.day) ?? { spent: 0, saved: 0, answers: 0, duplicates: 0 };
    days.set(row.day, {
      spent: before.spent + Number(row.cost_usd ?? 0),
      saved: before.saved + Number(row.saved_usd ?? 0),
      answers: before.answers + row.answers,
      duplicates: before.duplicates + row.duplicates,
    });
  }
  return [...days].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Bars of money by day; of answers where no money was spent at all. One day needs no chart. */
function dayChart(rows) {
  const days = byDay(rows);
  if (days.length < 2) return null;
  const paid = days.some(([, each]) => each.spent + each.saved > 0);
  const [solid, hollow] = paid ? ["spent", "saved"] : ["answers", "duplicates"];
  const names = paid ? ["Spent", "Saved"] : ["Answers", "Spared by duplicates"];
  const most = Math.max(...days.map(([, each]) => each[solid] + each[hollow]));
  const height = (value) => ({ height: `${(100 * value) / most}%` });
  const width = `min(100%, ${Math.max(NARROWEST, days.length * DAY_WIDTH)}px)`;
  return h(
    "figure",
    { class: "days" },
    h(
      "figcaption",
      {},
      h("span", { class: "swatch solid" }),
      names[0],
      h("span", { class: "swatch hollow" }),
      names[1],
      h("span", { class: "quiet" }, "by day; the table below has the numbers"),
    ),
    h(
      "div",
      { class: "columns", "aria-hidden": true, style: { width } },
      days.map(([text, each]) =>
        h(
          "div",
          { title: day(text) },
          h("span", { class: "hollow", style: height(each[hollow]) }),
          h("span", { class: "solid", style: height(each[solid]) }),
        ),
      ),
    ),
    h(
      "p",
      { class: "ends", "aria-hidden": true, style: { width } },
      h("span", {}, day(days[0][0])),
      h("span", {}, day(days.at(-1)[0])),
    ),
  );
}

function dayTable(rows) {
  const newest = [...rows].sort((one, other) => (one.day < other.day ? 1 : -1));
  const heads = [
    "Day",
    "Model",
    "Kind",
    "Answers",
    "Tokens in",
    "Tokens out",
    "Spent",
    "Duplicates",
    "Saved",
  ];
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": "Money by day, model and kind" },
    h(
      "table",
      { class: "numbers", "aria-label": "Money by day, model and kind" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map((text) => h("th", { scope: "col" }, text)),
        ),
      ),
      h("tbody", {}, newest.map(dayRow)),
    ),
  );
}

function dayRow(row) {
  const known = (value) => (value === undefined || value === null ? "–" : count(value));
  const cells = [
    row.model,
    row.kind,
    count(row.answers),
    known(row.input_tokens),
    known(row.output_tokens),
    row.answers ? money(row.cost_usd) : "–",
    count(row.duplicates),
    row.duplicates ? money(row.saved_usd) : "–",
  ];
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, day(row.day)),
    cells.map((text) => h("td", {}, text)),
  );
}
