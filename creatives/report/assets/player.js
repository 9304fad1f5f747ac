// A video in its details, played there: by the page of `creatives up`, whose server has the file.

import { h, isLive } from "./dom.js";
import { decimal } from "./format.js";

/** The video that plays, of which creative: what is drawn anew goes on playing. */
const playing = { of: null, video: null };

/** A frame with the still picture of a creative; of a video with a button that plays it in its place. */
export function player(creative, still) {
  if (playing.of !== creative.creative_id) stop();
  const frame = h("div", { class: "frame" }, playing.video ?? still);
  if (!canPlay(creative) || playing.video) return frame;
  const button = h(
    "button",
    { type: "button", class: "button", id: "play", click: () => play(creative, still, frame, button) },
    `▶ Play${creative.duration_s ? `, ${decimal(creative.duration_s)} s` : ""}`,
  );
  return [frame, h("p", {}, button)];
}

/** Ends what plays. */
export function stop() {
  playing.video?.pause();
  Object.assign(playing, { of: null, video: null });
}

function canPlay({ content_type, uri }) {
  return isLive && content_type?.startsWith("video/") && uri?.startsWith("gs://");
}

function play(creative, still, frame, button) {
  const failed = () => {
    stop();
    frame.replaceChildren(still);
    button.parentElement?.replaceChildren("This browser cannot play this video.");
  };
  const video = h("video", {
    id: "player",
    src: `/api/files/${creative.creative_id}`,
    controls: true,
    playsinline: true,
    tabindex: 0,
    "aria-label": `Video: ${creative.name}`,
    error: failed,
  });
  Object.assign(playing, { of: creative.creative_id, video });
  frame.replaceChildren(video);
  button.hidden = true;
  video.focus();
  video.play().catch(() => {}); // where it may not start by itself its controls do; a fault is told by `error`
}
