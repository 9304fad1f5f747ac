// The flow: every ad from where it came in to what became of it, as ribbons whose widths add up.

import { h, svg } from "./dom.js";
import { count, label, many, share } from "./format.js";

const HEIGHT = 300;
const GAP = 14;
const NODE = 10;
const HEAD = 34;
const LEAST = 3;
const WIDTH = 1080;
const LAST_NAMES = 270; // room for the names beside the last step

const STEPS = [
  { key: "origin", title: "Came in by", order: ["upload", "batch", "raw_ads", "sent", "unknown"] },
  { key: "file", title: "File", order: ["first", "again", "awaited", "none"] },
  { key: "match", title: "Compared", order: ["new", "variant", "duplicate", "awaited", "unknown"] },
  { key: "status", title: "Features", order: ["analysed", "duplicate", "pending", "failed"] },
];

const NAMES = {
  file: { awaited: "Not opened yet" },
  match: { awaited: "Not compared yet", unknown: "Not compared", duplicate: "Near-duplicate" },
  origin: { sent: "Just sent", unknown: "Unknown" },
  status: { analysed: "Extracted", duplicate: "Taken over from the original" },
};

/** The figure: ribbons where there is room, else a bar for each step. Both hold the same numbers. */
export function flowFigure(ways) {
  const steps = STEPS.map((step) => stepOf(ways, step));
  return h(
    "figure",
    { class: "flow" },
    ribbons(ways, steps),
    splits(steps),
    h("figcaption", { class: "hidden" }, caption(steps)),
  );
}

function stepOf(ways, step) {
  const total = ways.reduce((sum, way) => sum + way.ads, 0);
  const nodes = step.order.map((value) => ({
    value,
    name: NAMES[step.key]?.[value] ?? label(value),
    ads: ways.filter((way) => valueAt(way, step.key) === value).reduce((sum, way) => sum + way.ads, 0),
  }));
  return { ...step, total, nodes: nodes.filter((node) => node.ads > 0) };
}

/** What a way has at a step. What is in progress may still get what it lacks, what failed will not. */
function valueAt(way, key) {
  const value = way[key] ?? "unknown";
  const lacks = (key === "file" && value === "none") || (key === "match" && value === "unknown");
  return lacks && way.status === "pending" ? "awaited" : value;
}

function caption(steps) {
  return steps
    .map(
      (step) => `${step.title}: ${step.nodes.map((node) => `${node.name} ${count(node.ads)}`).join(", ")}.`,
    )
    .join(" ");
}

function ribbons(ways, steps) {
  const columns = steps.map((step, nth) => placed(step, (nth * (WIDTH - LAST_NAMES)) / (steps.length - 1)));
  const links = columns.slice(1).flatMap((to, nth) => linksBetween(ways, columns[nth], to));
  return svg(
    "svg",
    { class: "ribbons", viewBox: `0 0 ${WIDTH} ${HEAD + HEIGHT}`, "aria-hidden": true },
    ...links,
    ...columns.map(drawn),
  );
}

/** A step's nodes with their place: one above the other, as high as their share of the ads. */
function placed(step, x) {
  const room = HEIGHT - GAP * (step.nodes.length - 1);
  let top = HEAD;
  const nodes = new Map();
  for (const node of step.nodes) {
    const height = Math.max(LEAST, (room * node.ads) / step.total);
    nodes.set(node.value, { ...node, top, height, left: 0, right: 0 });
    top += height + GAP;
  }
  return { ...step, x, nodes };
}

function linksBetween(ways, from, to) {
  const drawnLinks = [];
  for (const source of from.nodes.values()) {
    for (const target of to.nodes.values()) {
      const ads = ways
        .filter((way) => valueAt(way, from.key) === source.value && valueAt(way, to.key) === target.value)
        .reduce((sum, way) => sum + way.ads, 0);
      if (ads) drawnLinks.push(ribbon(from.x + NODE, to.x, source, target, ads, to.key));
    }
  }
  return drawnLinks;
}

/** One ribbon; it takes its place at both nodes below those drawn before. */
function ribbon(left, right, source, target, ads, key) {
  const [high, low] = [(source.height * ads) / source.ads, (target.height * ads) / target.ads];
  const [y0, y1] = [source.top + source.right, target.top + target.left];
  source.right += high;
  target.left += low;
  const middle = (left + right) / 2;
  const path =
    `M${left},${y0} C${middle},${y0} ${middle},${y1} ${right},${y1} ` +
    `L${right},${y1 + low} C${middle},${y1 + low} ${middle},${y0 + high} ${left},${y0 + high} Z`;
  return svg("path", { d: path, class: `ribbon tone-${key}-${target.value}` });
}

function drawn(column) {
  const heading = svg("text", { x: column.x, y: 14, class: "step" }, column.title);
  const nodes = [...column.nodes.values()].flatMap((node) => [
    svg("rect", {
      x: column.x,
      y: node.top,
      width: NODE,
      height: node.height,
      rx: 2,
      class: `node tone-${column.key}-${node.value}`,
    }),
    svg(
      "text",
      { x: column.x + NODE + 8, y: node.top + Math.max(node.height / 2, 7), class: "name" },
      svg("tspan", { class: "number" }, count(node.ads)),
      ` ${node.name}`,
    ),
  ]);
  return svg("g", {}, heading, ...nodes);
}

function splits(steps) {
  return h(
    "div",
    { class: "splits", "aria-hidden": true },
    steps.map((step) =>
      h(
        "div",
        {},
        h("h3", {}, step.title),
        h(
          "div",
          { class: "split" },
          step.nodes.map((node) =>
            h("span", { class: `tone-${step.key}-${node.value}`, style: { "flex-grow": node.ads } }),
          ),
        ),
        h(
          "ul",
          {},
          step.nodes.map((node) =>
            h(
              "li",
              {},
              h("span", { class: `swatch tone-${step.key}-${node.value}` }),
              h("span", {}, node.name),
              h(
                "span",
                { class: "number" },
                count(node.ads),
                h("small", {}, ` ${share(node.ads, step.total)}`),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** "13 ads = 7 analysed + 4 duplicates + 2 failed": the sum that must hold. */
export function sumOfAds(totals) {
  const { analysed, duplicate, failed, pending } = totals.byStatus;
  const parts = [`${count(analysed)} analysed`, many(duplicate, "duplicate"), `${count(failed)} failed`];
  if (pending) parts.push(`${count(pending)} in progress`);
  return `${many(totals.ads, "ad")} = ${parts.join(" + ")}`;
}
