// Whether a button or a key is down: what is drawn anew between press and release takes the click away.

let held = false;
const waiting = new Set(); // one act is done once, however often it was put off

/** Does `act` at once, or as soon as nothing is pressed. */
export function whenReleased(act) {
  if (held) waiting.add(act);
  else act();
}

for (const name of ["pointerdown", "pointermove", "pointerup"]) on(name, (event) => tell(event.buttons !== 0));
on("pointercancel", () => tell(false));
on("blur", (event) => event.target === window && tell(false));
for (const name of ["keydown", "keyup"]) on(name, (event) => event.key === " " && tell(name === "keydown"));

function on(name, act) {
  window.addEventListener(name, act, true);
}

function tell(now) {
  held = now;
  if (!held && waiting.size) setTimeout(doAll); // after the click, which follows the release
}

function doAll() {
  if (held) return;
  const acts = [...waiting];
  waiting.clear();
  for (const act of acts) act();
}
