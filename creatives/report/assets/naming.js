// What ads commonly sell, by its names in five languages: how a report in a file finds by meaning.
//
// creatives/agents/glossary.py has the same rule of words, and writes the names: the tests hold the two equal.

const SHORT = 4; // letters: of so few, an accent or an ending makes another word
const PLURALS = ["es", "en", "e", "s", "n"]; // endings
const LONGEST_NAME = 8; // words

/** The numbers of the things that a text names: the longest names first, and no word counts twice. */
export function numbersOf(names, text) {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).map(stem);
  const found = new Set();
  for (let at = 0; at < words.length; ) {
    let length = Math.min(LONGEST_NAME, words.length - at);
    while (length && !Object.hasOwn(names, words.slice(at, at + length).join(" "))) length -= 1;
    for (const number of length ? names[words.slice(at, at + length).join(" ")] : []) found.add(number);
    at += Math.max(length, 1);
  }
  return [...found];
}

/** The places of the creatives that show the like of what is named, the nearest to all of it first; null: nothing is named. */
export function nearTo({ names, near }, text) {
  const numbers = numbersOf(names, text);
  if (!numbers.length) return null;
  const sums = new Map();
  for (const [place, cosine] of numbers.flatMap((number) => near[number])) sums.set(place, (sums.get(place) ?? 0) + cosine);
  return [...sums].sort(([, one], [, other]) => other - one).map(([place]) => place);
}

function stem(word) {
  const letters = [...word].length;
  if (letters < SHORT) return word;
  if (letters === SHORT) return word.replace(/s$/, "");
  let plain = word.normalize("NFD").replace(/\p{M}/gu, "");
  for (;;) {
    const end = PLURALS.find((each) => plain.endsWith(each) && [...plain].length - each.length >= SHORT);
    if (!end) return plain;
    plain = plain.slice(0, -end.length);
  }
}
