// Text as it is searched: however accents, capitals, spaces and numbers are written, it is the same.

const OWN_LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ı: "i" };
const UMLAUTS = { ä: "ae", ö: "oe", ü: "ue" };
const QUOTED = /["“”„«»]([^"“”„«»]+)["“”„«»]|[^\s"“”„«»]+/gu;
const ALPHABETIC = "[\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}\\d]"; // they part words by spaces
const SHORT = new RegExp(`^${ALPHABETIC}{1,3}$`, "u");
const NUMBER = /^[^\p{L}]*\p{N}[^\p{L}]*$/u;
const PLAIN = /^[\x20-\x7e\n]*$/;
// A thousand: "1,299", "1.299", "1'299"; a space parts thousands or two numbers ("15 128 GB").
const THOUSANDS = /(?<![\d.,'’])[1-9]\d{0,2}(?:([.,'’])\d{3})(?:\1\d{3})*(?!\d)/g;
const SPACED = /(?<![\d.,] ?)[1-9]\d{0,2}(?: \d{3})+(?! ?\d)/g;

/** A text to look in; where an umlaut may be two letters, or a number have its thousands apart, in both spellings. */
export function searchable(text) {
  const spellings = [text, umlautsApart(text)].map(fold);
  return [...new Set([...spellings, ...spellings.map(thousandsTogether)])].join("\n");
}

/** A test whether a searchable text has all words that are looked for, and what stands in quotes as a whole. */
export function looking(query) {
  const read = joined(query);
  const spellings = [...new Set([read, thousandsTogether(read)])].map(wordsOf);
  return (text) => spellings.some((words) => words.every((has) => has(text)));
}

function wordsOf(query) {
  const words = [...query.matchAll(QUOTED)].map((found) => fold(found[1] ?? found[0])).filter(Boolean);
  return words.map((word, nth) => testOf(word, nth === words.length - 1));
}

/** A number and a short word would be found within many others: they are found whole, the last as far as it is typed. */
function testOf(word, isLast) {
  const isNumber = NUMBER.test(word);
  if (!isNumber && !SHORT.test(word)) return (text) => text.includes(word);
  const before = isNumber ? "(?<![\\p{L}\\p{N}]|\\d\\.)" : "(?<![\\p{L}\\p{N}])";
  const after = isNumber ? `(?!\\p{N}${isLast ? "" : "|\\.\\d"})` : isLast ? "" : "(?![\\p{L}\\p{N}])";
  const literal = word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"); // no "-": escaped it is none of a `u` pattern
  const whole = new RegExp(`${before}${literal}${after}`, "u");
  return (text) => whole.test(text);
}

function fold(text) {
  const small = joined(text.toLowerCase());
  if (PLAIN.test(small)) return small;
  const letters = small.replace(/[ßæœøłđı]/g, (letter) => OWN_LETTERS[letter]);
  return letters.normalize("NFKD").replace(/\p{M}/gu, "");
}

const umlautsApart = (text) => text.toLowerCase().normalize("NFC").replace(/[äöü]/g, (letter) => UMLAUTS[letter]);

const thousandsTogether = (text) => text.replace(SPACED, (number) => number.replaceAll(" ", ""));

/** One space between words, none before a percent sign, thousands without a sign, and a point where a number has a comma. */
function joined(text) {
  return text
    .replace(/[^\S\n]+/gu, " ")
    .replace(/(\d) (?=%)/g, "$1")
    .replace(THOUSANDS, (number) => number.replace(/\D/g, ""))
    .replace(/(\d),(?=\d)/g, "$1.")
    .trim();
}
