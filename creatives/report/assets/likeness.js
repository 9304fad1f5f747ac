// What a version is to the creative that it was found by, in people's words: what the ledger says of the two.

import { decimal, lasting, share } from "./format.js";

const HASH_BITS = 64; // of a picture in small, which are counted where they differ
const UNMEASURED = 255; // the score of films that differ in their sound alone, or of which scenes alone were compared
const SLACK_S = 0.5; // by which a stretch may miss the ends: films are looked at four times a second
const FASTER = 1.04; // times: what is less passes for another length
const SHAPES_APART = 0.05; // |ln| of their proportions

/** How it is like the creative that it was found by, which is called `name`; empty where nothing is known of that. */
export function likeness(report, creative, name) {
  if (creative.override) return "decided by a person";
  if (creative.method === "content") return "the same bytes";
  const other = report.byId.get(creative.matched_id);
  return creative.duration_s === undefined ? ofPictures(creative, other, name) : ofFilms(creative, other, other ? name : "another");
}

/** Whether nothing but the sound of a film is another than that of the one it was found by: another, or there at all. */
export function differsInSoundAlone(creative, other) {
  if (other?.creative_id !== creative.matched_id || creative.match === "duplicate" || creative.duration_s === undefined) return false;
  const heard = creative.has_audio || other.has_audio;
  return Boolean(heard) && creative.score === UNMEASURED && extentOf(creative, other) === "whole" && !barsOf(creative, other);
}

function ofPictures(creative, other, name) {
  const { distance, match } = creative;
  const alike = distance === undefined ? null : `${share(HASH_BITS - distance, HASH_BITS)} alike at a glance`;
  return [barsOf(creative, other, name), match === "duplicate" ? "the same picture" : alike].filter(Boolean).join("; ");
}

/** The score of films is no share of anything: colours, and what moves, have scales of their own. */
function ofFilms(creative, other, name) {
  if (creative.match === "duplicate") return creative.has_audio ? "the same pictures and the same sound" : "the same pictures";
  if (!creative.matched_id) return "";
  if (differsInSoundAlone(creative, other)) return `the same pictures, ${soundOf(creative, other) ?? "another sound"}`;
  const extent = extentOf(creative, other);
  const compared = creative.at_s !== undefined && extent === "whole" && ![undefined, UNMEASURED].includes(creative.score);
  const differing = compared ? "parts of the pictures differ" : null; // films without a stretch may show the same
  return [shownOf(extent, creative, other, name), barsOf(creative, other, name), soundOf(creative, other), differing]
    .filter(Boolean)
    .join(", ");
}

function shownOf(extent, creative, other, name) {
  if (extent === "whole") return "the same scenes";
  if (extent === "faster") return `${decimal(other.duration_s / creative.duration_s)} times as fast as ${name}`;
  if (extent === "longer") return `shows all of ${name}, and lasts longer`;
  const seconds = `shows ${stretch(creative)} of ${name}`;
  return extent === "cut-down" ? `a cut-down: ${seconds}` : extent === "part" ? `${seconds}, and something else` : seconds;
}

/** What a film shows of the one it was found by. Films of one length that begin and end together have no stretch. */
function extentOf(creative, other) {
  const { at_s: start, until_s: end, duration_s: lasts } = creative;
  if (start === undefined || end === undefined) return "whole";
  if (other?.duration_s === undefined) return "some";
  const all = start <= SLACK_S && end >= other.duration_s - SLACK_S;
  const shown = end - start;
  const isFaster = other.duration_s >= FASTER * lasts && shown - lasts > other.duration_s - shown;
  if (all && isFaster) return "faster";
  if (shown >= lasts - SLACK_S) return all ? "whole" : "cut-down";
  return all ? "longer" : "part";
}

function stretch({ at_s: start, until_s: end }) {
  return end < 60 ? `seconds ${decimal(start)} to ${decimal(end)}` : `${lasting(start)} to ${lasting(end)}`;
}

function barsOf(creative, other, name) {
  if (!other) return null;
  const [own, others] = [creative, other].map((each) => each.picture_aspect !== undefined);
  if (own && !others) return "with bars around the picture";
  if (others && !own) return `without the bars of ${name}`;
  const apart = Math.log((creative.width * other.height) / (creative.height * other.width));
  return Math.abs(apart) > SHAPES_APART ? "in another shape" : null;
}

function soundOf(creative, other) {
  if (!other || Boolean(creative.has_audio) === Boolean(other.has_audio)) return null;
  return creative.has_audio ? "with sound" : "without sound";
}
