// All that is known of one creative, in a dialog.

import { badges, picture, statusBadge } from "./cards.js";
import { featureLine } from "./colours.js";
import { sayWord, sayable, wordForm } from "./corrections.js";
import { h, idOf, outward, show, unfolding } from "./dom.js";
import { sceneWithBoxes, verdicts, withBoxes } from "./evidence.js";
import { count, decimal, featureTold, inline, label, lasting, many, moment, money, said, share, size, stageName, title } from "./format.js";
import { labelList } from "./labels.js";
import { alike } from "./meaning.js";
import { file, original, player, playFrom, plays, stop } from "./file.js";
import { canonicalOf, detailOf, isHere, relatives, sourceOf } from "./report.js";
import { comparison } from "./rulings.js";
import { canSay } from "./said.js";

const WIDE = 2; // times as wide as high: such a banner could not be read in a column
const RELATIVES_SHOWN = 12;
const ALIKE_SHOWN = 6;

const opened = { by: null, id: null }; // what had the focus when the dialog was opened, and whom it shows

/** The dialog; `closed` is called when it is. */
export function detailsDialog(closed) {
  const close = () => {
    stop();
    closed();
    focusOpener();
  };
  const dialog = h("dialog", { id: "details", "aria-labelledby": "details-title", close });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}

/** Gives the focus back to what opened the dialog, drawn anew or not; where it is gone, to the creative shown last. */
function focusOpener() {
  const { by, id } = opened;
  const card = document.getElementById(idOf("card", id));
  const same = by && (by.id ? document.getElementById(by.id) : by);
  const back = [same, card, document.getElementById("main")].find((each) => each?.isConnected);
  back?.focus({ preventScroll: back.id === "main" });
}

/** Shows a creative in the dialog, or closes it where there is none. */
export function fillDetails(dialog, report, id, neighbours, turn, changed) {
  const creative = report.byId.get(id);
  if (!creative) return dialog.close();
  if (!dialog.open) opened.by = document.activeElement === document.body ? null : document.activeElement;
  opened.id = id;
  const before = document.activeElement; // a player loses the focus as it is put into what is drawn anew
  show(dialog, ...content(report, creative, neighbours, turn, () => dialog.close(), changed));
  if (!dialog.open) dialog.showModal();
  if (before !== document.activeElement && dialog.contains(before)) before.focus({ preventScroll: true });
  if (!dialog.contains(document.activeElement)) document.getElementById("details-close").focus();
  return undefined;
}

function content(report, creative, neighbours, turn, close, changed) {
  const seen = player(creative, withBoxes(report, creative, original(creative, "details")));
  const wide = creative.width > WIDE * creative.height;
  return [
    h(
      "header",
      {},
      h("h2", { id: "details-title", tabindex: -1 }, creative.name),
      h(
        "div",
        { class: "tools" },
        step("details-before", "Previous", neighbours.before, turn),
        step("details-after", "Next", neighbours.after, turn),
        h(
          "button",
          { type: "button", class: "button", id: "details-close", autofocus: true, click: close },
          "Close",
        ),
      ),
    ),
    wide ? h("div", { class: "banner" }, seen) : null,
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        { class: "left" },
        wide ? null : seen,
        storyboard(report, creative),
        h("p", { class: "badges" }, statusBadge(creative), badges(creative)),
        problem(report, creative),
        section("File", facts(mediaFacts(report, creative))),
        section("Tokens and cost", facts(costFacts(report, creative))),
      ),
      h(
        "div",
        { class: "right" },
        section("What it shows", featureList(report, creative, changed)),
        section("Tags and notes", labelList(report, creative, changed)),
        section("Compared with others", comparison(report, creative, turn, changed)),
        adsSection(report, creative),
        relativesSection(report, creative, turn),
        alikeSection(report, creative, turn),
        answerSection(canonicalOf(report, creative)),
      ),
    ),
  ];
}

/** The scenes of what moves with their seconds; a click plays from there, here or where the file may be read. */
function storyboard(report, creative) {
  const scenes = creative.storyboard ?? [];
  if (scenes.length < 2) return null;
  const address = creative.kind === "video" ? creative.ads?.find((ad) => ad.link)?.link?.split("#")[0] : null;
  return h(
    "ol",
    { class: "storyboard", "aria-label": "Storyboard" },
    scenes.map((scene, number) => {
      const until = scenes[number + 1]?.seconds ?? creative.duration_s;
      const seconds = lasting(scene.seconds);
      return h(
        "li",
        {},
        sceneWithBoxes(
          report,
          creative,
          h("img", { src: scene.picture, alt: `At ${seconds}`, decoding: "async" }),
          scene.seconds,
          scenes[number + 1]?.seconds,
        ),
        plays(creative)
          ? playsFrom(scene.seconds, seconds, number)
          : outward(address && `${address}#t=${scene.seconds},${until}`, seconds),
      );
    }),
  );
}

function playsFrom(second, text, number) {
  return h(
    "button",
    { type: "button", class: "plain", id: `scene-${number}`, "aria-label": `From ${text} on`, click: () => playFrom(second) },
    text,
  );
}

function step(id, text, target, turn) {
  return h(
    "button",
    { type: "button", class: "button", id, disabled: !target, click: () => turn(target) },
    text,
  );
}

function section(heading, ...body) {
  return body.flat().some(Boolean) ? h("section", {}, h("h3", {}, heading), body) : null;
}

function facts(pairs) {
  const told = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (!told.length) return null;
  return h(
    "dl",
    {},
    told.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** Why it has no features: in words of people first, and after them what the decoder or the server said. */
function problem(report, creative) {
  if (creative.status === "failed") {
    const advice = report.failures.find(({ reason }) => reason === creative.reason)?.advice;
    const said = detailOf(creative, creative.uri) ?? label(creative.reason);
    return h("p", { class: "problem" }, advice ?? said, advice ? h("small", {}, ` ${said}`) : null);
  }
  if (creative.status === "pending")
    return h("p", { class: "problem" }, creative.detail ?? `Waits its turn: ${stageName(creative.waiting_stage)}.`);
  return null;
}

function mediaFacts(report, creative) {
  return [
    ["Kind", creative.kind && label(creative.kind)],
    ["Type", creative.content_type],
    ["Size", creative.width && `${count(creative.width)} × ${count(creative.height)} px`],
    ["Format", creative.ad_format ?? creative.aspect_ratio],
    ["File size", creative.bytes && size(creative.bytes)],
    ["Duration", creative.duration_s !== undefined && lasting(creative.duration_s)],
    ["Frames a second", creative.fps && decimal(creative.fps)],
    ["Codec", creative.codec],
    ["Sound", creative.has_audio !== undefined && said(creative.has_audio)],
    ["Animation", creative.frame_count && many(creative.frame_count, "frame")],
    ["Stored at", creative.uri && !isHere(report) && h("code", {}, creative.uri)],
    ["Original", openFile(report, creative)],
    ["Id", h("code", {}, creative.creative_id)],
  ].map(([name, value]) => [name, value === false ? null : value]);
}

/** A link to the file itself: at this page's server, where an ad has it, or in a project's bucket for who may read that. */
function openFile(report, creative) {
  const own = file(creative);
  if (own) return h("a", { href: own, target: "_blank", rel: "noopener", id: "file" }, "Open the file");
  const link = creative.ads?.find((ad) => ad.link)?.link ?? inBucket(report, creative);
  return link && outward(link, "Open the file");
}

const inBucket = (report, { uri }) =>
  !isHere(report) && uri?.startsWith("gs://") ? `https://storage.cloud.google.com/${uri.slice(5).split("/").map(encodeURIComponent).join("/")}` : null;

function costFacts(report, creative) {
  if (!creative.extractor) return [];
  const copied = creative.match === "duplicate";
  return [
    ["Extracted by", `${creative.extractor}, ${creative.model}`],
    ["Answered", creative.analysed_at && moment(creative.analysed_at)],
    ["Quotations that hold", creative.confidence !== undefined ? share(creative.confidence, 1) : null],
    ["Mode", creative.mode],
    [
      "Tokens in",
      creative.input_tokens !== undefined
        ? tokens(creative.input_tokens, creative.cached_tokens, "cached")
        : null,
    ],
    [
      "Tokens out",
      creative.output_tokens !== undefined
        ? tokens(creative.output_tokens, creative.thinking_tokens, "thinking")
        : null,
    ],
    [copied ? "Its original cost" : "Cost", money(creative.cost_usd)],
    ["Paid for this file", copied && creative.spent_usd === undefined ? "nothing: a duplicate" : null],
    [
      "Feature model",
      creative.feature_version && `version ${creative.feature_version}, prompt ${creative.prompt_version}`,
    ],
  ];
}

function tokens(all, some, what) {
  return some ? `${count(all)}, of them ${count(some)} ${what}` : count(all);
}

/** The features that could be told, as the model orders them, and the names of the others; with what people corrected. */
function featureList(report, creative, changed) {
  if (!creative.features) return [h("p", { class: "quiet" }, "Nothing has been extracted.")];
  const corrected = new Map((creative.corrections ?? []).map((each) => [each.field, each]));
  const told = report.features.filter((column) => creative.features[column.name] !== undefined);
  const untold = report.features.filter((column) => creative.features[column.name] === undefined && isAskedOf(column, creative));
  const unread = creative.features.has_text === true && untold.some((column) => column.name === "text");
  return [
    h(
      "dl",
      { class: "features" },
      told.map((column) =>
        h(
          "div",
          {},
          h("dt", { title: column.description }, title(column.name)),
          h(
            "dd",
            {},
            featureValue(column.name, creative.features[column.name]),
            verdicts(creative, column.name),
            correction(corrected.get(column.name), creative.model_features?.[column.name]),
            corrector(creative, column, corrected.has(column.name), changed),
          ),
        ),
      ),
    ),
    untold.length
      ? h(
          "p",
          { class: "quiet" },
          `Not told: ${untold.map((column) => title(column.name).toLowerCase()).join(", ")}.${unread ? " It has text that cannot be read here." : ""}`,
        )
      : null,
    untold.map((column) =>
      corrected.has(column.name)
        ? h(
            "p",
            { class: "quiet" },
            `${title(column.name)}: `,
            correction(corrected.get(column.name), creative.model_features?.[column.name]),
            corrector(creative, column, true, changed),
          )
        : null,
    ),
    missing(creative, untold.filter((column) => sayable(column) && !corrected.has(column.name)), changed),
  ];
}

/** Whether a feature can be of its kind at all: a picture has no scenes. */
const isAskedOf = ({ kinds }, { kind }) => !kind || kinds.includes(kind);

/** What was not told can be said, too: the feature is chosen first. */
function missing(creative, columns, changed) {
  if (!canSay || !creative.kind || !columns.length) return null;
  const held = h("div", {});
  const choose = (event) => {
    const column = columns.find((each) => each.name === event.target.value);
    held.replaceChildren(...(column ? [corrector(creative, column, false, changed)] : []));
  };
  const options = columns.map((column) => h("option", { value: column.name }, title(column.name)));
  return h(
    "p",
    { class: "quiet" },
    h("label", {}, "Say what was not told: ", h("select", { id: "missing", change: choose }, h("option", { value: "" }, "choose"), options)),
    held,
  );
}

/** What is being corrected in the dialog: kept while the data comes anew. */
const typing = { of: null, kept: {}, refused: null };

/** Buttons by which the person at this page corrects a feature where it is seen, or takes the word on it back. */
function corrector(creative, column, isCorrected, changed) {
  if (!canSay || !sayable(column) || !creative.kind) return null;
  const key = `${creative.creative_id} ${column.name}`;
  const problemId = idOf("refused", column.name);
  const problem = h("span", { class: "refused", role: "alert", id: problemId }, typing.refused?.of === key ? typing.refused.why : "");
  const tools = h("span", { class: "correcting" });
  const id = idOf("correct", column.name);
  const send = async (action, value) => {
    typing.refused = null;
    try {
      await sayWord(creative, column.name, action, value);
    } catch (error) {
      // New data may have made the dialog anew meanwhile.
      typing.refused = { of: key, why: error.message };
      (document.getElementById(problemId) ?? problem).textContent = error.message;
      return;
    }
    typing.of = null;
    changed();
    document.getElementById(id)?.focus();
  };
  const leave = () => {
    typing.of = null;
    typing.refused = null;
    problem.textContent = "";
    closed();
    document.getElementById(id)?.focus();
  };
  const opened = () => {
    const form = wordForm(column, creative.features?.[column.name], (value) => send("correct", value), leave, typing.kept);
    tools.replaceChildren(form, problem);
  };
  const edit = () => {
    typing.of = key;
    typing.kept = {};
    opened();
    tools.querySelector("#correction").select();
  };
  const closed = () => {
    const correct = h("button", { type: "button", class: "plain", id, click: edit }, "Correct");
    const name = h("span", { class: "hidden" }, ` ${title(column.name).toLowerCase()}`);
    correct.append(name);
    const reset = isCorrected
      ? h("button", { type: "button", class: "plain", click: () => send("reset", null) }, "Take back", name.cloneNode(true))
      : null;
    tools.replaceChildren(...[correct, reset, problem].filter(Boolean));
  };
  if (typing.of === key) opened();
  else closed();
  return tools;
}

/** Who corrected a feature, when and why, and what the model had said. */
function correction(word, own) {
  if (!word) return null;
  if (word.action === "confirm") {
    return h("small", { class: "corrected", title: word.note }, `confirmed by ${word.author}, ${moment(word.corrected_at)}`);
  }
  return h(
    "small",
    { class: "corrected", title: word.note },
    `corrected by ${word.author}, ${moment(word.corrected_at)}; the model said `,
    own === undefined ? "nothing" : featureTold(word.field, own),
  );
}

function featureValue(name, value) {
  if (Array.isArray(value) && value.some((each) => typeof each === "object")) {
    return h(
      "ol",
      {},
      value.map((each) => h("li", {}, inline(each))),
    );
  }
  return featureLine(name, value);
}

function adsSection(report, creative) {
  const ads = creative.ads ?? [];
  if (!ads.length) return null;
  const more = creative.n_ads - ads.length;
  const uses = report.uses.get(creative.creative_id);
  const copied = uses - creative.n_ads;
  return section(
    `Used by ${many(uses, "ad")}${copied ? `: ${count(creative.n_ads)} itself, ${count(copied)} by its duplicates` : ""}`,
    h(
      "ul",
      { class: "ads" },
      ads.map((ad) =>
        h(
          "li",
          {},
          h("strong", {}, ad.ad_id),
          sourceOf(report, ad) && outward(ad.link, ad.source),
          h(
            "span",
            { class: "quiet" },
            [label(ad.origin ?? "unknown"), ad.first_seen_at && moment(ad.first_seen_at)]
              .filter(Boolean)
              .join(", "),
          ),
        ),
      ),
    ),
    more > 0 ? h("p", { class: "quiet" }, `and ${many(more, "more ad")}`) : null,
    copied ? h("p", { class: "quiet" }, `and by ${many(copied, "ad")} as a duplicate: see Other versions`) : null,
  );
}

function relativesSection(report, creative, turn) {
  const others = relatives(report, creative);
  if (!others.length) return null;
  const more = others.length - RELATIVES_SHOWN;
  return section(
    "Other versions",
    small(others.slice(0, RELATIVES_SHOWN), (other) => label(other.match), turn),
    more > 0 ? h("p", { class: "quiet" }, `and ${many(more, "more version")}: see Versions`) : null,
  );
}

/** Others that say the like, in whatever language; its own versions stand above. */
function alikeSection(report, creative, turn) {
  const own = canonicalOf(report, creative);
  const told = own.features ? alike(report, own) : null;
  if (!told) return null;
  const family = new Set(relatives(report, own));
  const others = (told.ids ?? []).map((id) => report.byId.get(id)).filter((each) => each && !family.has(each));
  const count = others.length ? null : h("p", { class: "quiet", role: "status" }, alikeCount(told));
  const shown = others.slice(0, ALIKE_SHOWN);
  return section("More like this", count, small(shown, (other) => many(other.n_ads, "ad"), turn));
}

function alikeCount(told) {
  if (told.problem) return `This cannot be told: ${told.problem}`;
  return told.ids ? "No other creative says the like." : "Looking…";
}

/** Buttons that show other creatives, each with a line. */
function small(others, line, turn) {
  const button = (other) =>
    h(
      "button",
      { type: "button", click: () => turn(other.creative_id) },
      h("span", { class: "frame" }, picture(other)),
      h("span", { class: "title" }, other.name),
      h("span", { class: "line" }, line(other)),
    );
  return h(
    "ul",
    { class: "relatives" },
    others.map((other) => h("li", {}, button(other))),
  );
}

function answerSection(creative) {
  if (!creative.answer) return null;
  return unfolding(
    "details-answer",
    { class: "answer" },
    { text: "Raw answer" },
    h("pre", { tabindex: 0 }, pretty(creative.answer)),
    creative.answer_uri ? h("p", { class: "quiet" }, h("code", {}, creative.answer_uri)) : null,
  );
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // a model may have answered with anything: it is shown as it was
  }
}
