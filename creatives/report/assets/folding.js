// Text as it is searched: however accents, capitals, spaces and decimal points are written, it is the same.

const OWN_LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ı: "i" };
const UMLAUTS = { ä: "ae", ö: "oe", ü: "ue" };
const QUOTED = /["“”„«»]([^"“”„«»]+)["“”„«»]|[^\s"“”„«»]+/gu;
const PLAIN = /^[\x20-\x7e\n]*$/;

/** A text to look in; where German spells its umlauts in two letters, in both spellings. */
export function searchable(text) {
  const folded = fold(text);
  const spelled = spelledOut(text);
  return spelled === folded ? folded : `${folded}\n${spelled}`;
}

/** What is looked for: words, and what stands in quotes as a whole. */
export function wordsOf(query) {
  return [...joined(query).matchAll(QUOTED)].map((found) => fold(found[1] ?? found[0])).filter(Boolean);
}

function fold(text) {
  const small = joined(text.toLowerCase());
  if (PLAIN.test(small)) return small;
  const letters = small.replace(/[ßæœøłđı]/g, (letter) => OWN_LETTERS[letter]);
  return letters.normalize("NFKD").replace(/\p{M}/gu, "");
}

const spelledOut = (text) => fold(text.toLowerCase().normalize("NFC").replace(/[äöü]/g, (letter) => UMLAUTS[letter]));

/** One space between words, none before a percent sign, and a point where a number has a comma. */
function joined(text) {
  return text
    .replace(/[^\S\n]+/gu, " ")
    .replace(/(\d) (?=%)/g, "$1")
    .replace(/(\d),(?=\d)/g, "$1.")
    .trim();
}
