// Colours as colours: what is told by the name of one has a swatch beside it.

import { h } from "./dom.js";
import { featureTold } from "./format.js";

const IS_OF_COLOURS = /(^|_)colou?rs?$/; // what features of colours are called
const IS_NAME = /^[a-z]+$/;

/** What a feature says, in a line; colours with what they look like. */
export function featureLine(name, value) {
  if (!isOfColours(name)) return featureTold(name, value);
  const colours = [value].flat().filter((each) => typeof each === "string");
  return h("span", {}, colours.map((each, nth) => [nth ? ", " : "", h("span", { class: "colour" }, swatchOf(name, each), each)]));
}

/** What a value of a feature is called; a colour beside its swatch. */
export function optionLine(name, value, label) {
  const swatch = swatchOf(name, value);
  return swatch ? [swatch, h("span", { class: "colour-name" }, label)] : label;
}

/** The swatch of a value of a feature, where that is a colour that browsers know by its name, too. */
function swatchOf(name, value) {
  if (!isOfColours(name) || !IS_NAME.test(value) || !CSS.supports("color", value)) return null;
  return h("span", { class: "swatch colour-of", style: { "--tone": value } });
}

const isOfColours = (name) => name !== null && IS_OF_COLOURS.test(name);
