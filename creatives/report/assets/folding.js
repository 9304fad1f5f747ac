// Text as it is searched: however accents, capitals, spaces and decimal points are written, it is the same.

const OWN_LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ı: "i" };
const UMLAUTS = { ä: "ae", ö: "oe", ü: "ue" };
const QUOTED = /["“”„«»]([^"“”„«»]+)["“”„«»]|[^\s"“”„«»]+/gu;
const ALPHABETIC = "[\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}\\d]"; // they part words by spaces
const SHORT = new RegExp(`^${ALPHABETIC}{1,3}$`, "u");
const NUMBER = /^[^\p{L}]*\p{N}[^\p{L}]*$/u;
const PLAIN = /^[\x20-\x7e\n]*$/;

/** A text to look in; where German spells its umlauts in two letters, in both spellings. */
export function searchable(text) {
  const folded = fold(text);
  const spelled = spelledOut(text);
  return spelled === folded ? folded : `${folded}\n${spelled}`;
}

/** A test for each word that is looked for, and for what stands in quotes as a whole, of a searchable text. */
export function wordsOf(query) {
  const words = [...joined(query).matchAll(QUOTED)].map((found) => fold(found[1] ?? found[0])).filter(Boolean);
  return words.map((word, nth) => testOf(word, nth === words.length - 1));
}

/** A number and a short word would be found within many others: they are found whole, the last as far as it is typed. */
function testOf(word, isLast) {
  const isNumber = NUMBER.test(word);
  if (!isNumber && !SHORT.test(word)) return (text) => text.includes(word);
  const before = isNumber ? "(?<![\\p{L}\\p{N}]|\\d\\.)" : "(?<![\\p{L}\\p{N}])";
  const after = isNumber ? `(?!\\p{N}${isLast ? "" : "|\\.\\d"})` : isLast ? "" : "(?![\\p{L}\\p{N}])";
  const literal = word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  const whole = new RegExp(`${before}${literal}${after}`, "u");
  return (text) => whole.test(text);
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
