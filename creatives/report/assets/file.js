// A creative itself, where the page's server has its file: a picture in all its pixels, what moves moving, a video played.

import { picture, pictureOf } from "./cards.js";
import { h, isLive } from "./dom.js";
import { lasting } from "./format.js";

const SHOWN = ["jpeg", "png", "gif", "webp", "avif", "bmp"].map((kind) => `image/${kind}`);

/** The picture that each place shows, and of which creative: what is drawn anew goes on moving. */
const shown = new Map();

/** The video that plays, of which creative: what is drawn anew goes on playing. */
const playing = { of: null, video: null };

/** The creatives that this browser could not play. */
const unplayable = new Set();

/** The address of its file; null where no server has it. */
export function file({ creative_id, content_type, uri }) {
  const known = content_type?.startsWith("video/") || SHOWN.includes(content_type);
  return isLive && known && uri?.startsWith("gs://") ? `/api/files/${creative_id}` : null;
}

/** The picture itself, with its animation, for one place of the page; its small one where it cannot be had. */
export function original(creative, place) {
  if (!SHOWN.includes(creative.content_type) || !file(creative)) return picture(creative, creative.name);
  if (shown.get(place)?.of !== creative.creative_id) shown.set(place, { of: creative.creative_id, image: image(creative) });
  return shown.get(place).image;
}

function image(creative) {
  const instead = pictureOf(creative);
  const failed = ({ target }) => {
    if (instead && target.src !== instead) target.src = instead;
  };
  const { width, height } = creative; // so that what stands below does not move once it is there
  return h("img", { src: file(creative), alt: creative.name, width, height, decoding: "async", error: failed });
}

/** A frame with the still picture of a creative; of a video with a button that plays it in its place. */
export function player(creative, still) {
  if (playing.of !== creative.creative_id) stop();
  const frame = h("div", { class: "frame" }, playing.video ?? still);
  if (!creative.content_type?.startsWith("video/") || !file(creative) || playing.video) return frame;
  if (cannotPlay(creative)) return [frame, h("p", { class: "quiet" }, refusal(creative))];
  const button = h(
    "button",
    { type: "button", class: "button", id: "play", click: () => play(creative, still, frame, button) },
    `▶ Play${creative.duration_s ? `, ${lasting(creative.duration_s)}` : ""}`,
  );
  return [frame, h("p", {}, button)];
}

/** Whether the player can show a creative. */
export const plays = (creative) => creative.content_type?.startsWith("video/") && file(creative) && !cannotPlay(creative);

/** Plays the video that is open from a second on. */
export function playFrom(second) {
  if (!playing.video) document.getElementById("play")?.click();
  const { video } = playing;
  if (!video) return;
  const go = () => (video.currentTime = second);
  if (video.readyState) go();
  else video.addEventListener("loadedmetadata", go, { once: true });
  video.play().catch(() => {}); // its controls start it then
}

/** Ends what plays. */
export function stop() {
  playing.video?.pause();
  Object.assign(playing, { of: null, video: null });
}

function cannotPlay({ creative_id, content_type }) {
  return unplayable.has(creative_id) || !document.createElement("video").canPlayType(content_type);
}

function refusal(creative) {
  const link = h("a", { href: file(creative), download: creative.name, id: "download" }, "Download it");
  return ["This browser cannot play this kind of video. ", link, "."];
}

function play(creative, still, frame, button) {
  const failed = () => {
    unplayable.add(creative.creative_id);
    stop();
    frame.replaceChildren(still);
    button.parentElement?.replaceChildren(...refusal(creative));
  };
  const { width, height } = creative;
  const video = h("video", {
    id: "player",
    src: file(creative),
    poster: pictureOf(creative), // until its first frame is there
    width,
    height,
    controls: true,
    playsinline: true,
    tabindex: 0,
    "aria-label": `Video: ${creative.name}`,
    error: failed,
    loadedmetadata: () => video.videoWidth || failed(), // only its sound could be played
  });
  Object.assign(playing, { of: creative.creative_id, video });
  frame.replaceChildren(video);
  button.hidden = true;
  video.focus();
  video.play().catch(() => {}); // where it may not start by itself its controls do; a fault is told by `error`
}
