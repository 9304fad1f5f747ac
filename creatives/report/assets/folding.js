// Words as they are looked for in what ads say: however accents, capitals, spaces, hyphens and numbers are written.
//
// `creatives find` has the same rule, in creatives/agents/words.py and find.sql: the tests hold the two equal.

import { SYNONYMS } from "./synonyms.js";

const OWN_SIGNS = { "‘": "'", "’": "'", "ʼ": "'", "´": "'", "`": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "×": "x" };
const OWN_LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ı: "i", ς: "σ" };
const PLAIN = /^[\n\x20-_a-\x7e]*$/;

const LITTLE_WORDS =
  "a an the and or for with without of in on at to by from is are my our your this that " +
  "der die das den dem des ein eine einen einem und oder für mit ohne von zum zur im am auf aus bei ist " +
  "le la les un une des du de et ou pour avec sans dans sur par au aux en est " +
  "el los las una unos unas del y o con sin por para al " +
  "il lo gli i e per di da della dei nel alla su senza " +
  "het een van voor met op os as um uma do com no na";

const MOST_WORDS = 40;
const LONGEST_WORD = 80;
const TYPED = 2; // letters of the last word, which more may follow; "car" is one, and no card is looked for

// Of alphabets that part words by spaces.
const LETTER = "A-Za-z\\u00C0-\\u024F\\u0370-\\u03FF\\u0400-\\u052F";
const SHORT = new RegExp(`^[0-9${LETTER}]{1,3}$`, "u");
const SPACED = "[1-9][0-9]{0,2}(?: [0-9]{3})+(?![0-9])";
const TOKENS = new RegExp(`["“”„«»]([^"“”„«»]+)["“”„«»]|[-+€$£¥]?${SPACED}[^ "“”„«»]*|[^ "“”„«»]+`, "gu");
const LISTED = new RegExp(`(?<=[${LETTER}])[/,;|]+(?=[${LETTER}])`, "u");
const ON_BUTTONS = "book|call|order|play|shop|start|view"; // whoever looks for books means no "Book now"
const PLURAL = new RegExp(`(?<![^ -])(?!(?:${ON_BUTTONS})s(?![^ -]))([a-z]{3,}[a-hj-rtv-z])s(?![^ -])`, "g");
const STARTS_SPACED = new RegExp(`^[-+€$£¥]?${SPACED}`, "u");
const AROUND = /^[.,;:!?([{']+|[.,;:!?)\]}']+$/g;
// A thousand: "1,299", "1.299", "1'299".
const THOUSANDS = /(?<![0-9.,'])[1-9][0-9]{0,2}(?:([.,'])[0-9]{3})(?:\1[0-9]{3})*(?![0-9])/g;
const PIECES = /([0-9]{1,3}(?: [0-9]{3})+(?![0-9])|[0-9]+)(?:\.([0-9]+))?|(.)/gsu;

const UMLAUT = "\u0001"; // behind a letter of a query: it may have an "e" behind it
// Of signs themselves, since RE2 takes milliseconds to read a pattern of all letters that there are.
const OF_WORDS = "0-9a-zÀ-ɏͰ-ԯ";
const BEFORE_NUMBER = `(?:^|[^${OF_WORDS}.,']|(?:^|[^0-9])[.,'])`;
const AFTER_NUMBER = "(?:$|[^0-9.,']|[.,'](?:$|[^0-9]))";
const AFTER_TYPED_NUMBER = "(?:$|[^0-9.,']|[.,'](?:$|[^0-9]|[0-9][0-9]?(?:$|[^0-9])))"; // cents may follow
const BEFORE_WORD = `(?:^|[^${OF_WORDS}])`;
const AFTER_WORD = `(?:$|[^${OF_WORDS}])`;

/** A text to look in; of one with umlauts also the spelling that has two letters for each. */
export function searchable(text) {
  const written = text.normalize("NFC");
  const apart = written.toLowerCase().replace(/[äöü]/g, (letter) => `${{ ä: "a", ö: "o", ü: "u" }[letter]}e`);
  return fold(/[äöü]/i.test(written) ? `${written}\n${apart}` : written);
}

/** A test whether a searchable text has all words that are looked for, and what stands in quotes as a whole. */
export function looking(query) {
  const tests = termsOf(query).map(({ isPattern, text }) => {
    if (!isPattern) return (said) => said.includes(text);
    const pattern = new RegExp(quicker(text), "u");
    return (said) => pattern.test(said);
  });
  return (said) => tests.every((has) => has(said));
}

/** The same as browsers find it sooner: RE2 looks neither behind nor ahead. */
function quicker(pattern) {
  return pattern.replaceAll(BEFORE_WORD, `(?<![${OF_WORDS}])`).replaceAll(AFTER_WORD, `(?![${OF_WORDS}])`);
}

/** What a text has to have each of: something as it is written, or a pattern that RE2 reads as well. */
export function termsOf(query) {
  const tokens = tokensOf(foldedQuery(query)).slice(0, MOST_WORDS);
  const units = unitsOf(tokens).map((unit) => ({ unit, term: termOfUnit(unit, unit.at(-1) === tokens.at(-1)) }));
  const telling = units.filter(({ unit }) => unit.length > 1 || unit[0].isQuoted || !littleWords.has(unit[0].text));
  // Numbers alone do not tell: "3 for 2" is not "2 of 3".
  const isTelling = telling.some(({ unit }) => unit.some(({ text }) => /\p{L}/u.test(text)));
  return (isTelling ? telling : units).map(({ term }) => term);
}

/** Tokens that are looked for together: those that name something, the longest names first; others by themselves. */
function unitsOf(tokens) {
  const units = [];
  for (let at = 0; at < tokens.length; at += units.at(-1).length) {
    let length = Math.min(longestName, tokens.length - at);
    while (length > 1 && !namedBy(tokens.slice(at, at + length))) length -= 1;
    units.push(tokens.slice(at, at + length));
  }
  return units;
}

/** The pattern of all names of what these tokens name. */
function namedBy(unit) {
  if (unit.some(({ isQuoted }) => isQuoted)) return undefined;
  return namePatterns.get(unit.map(({ text }) => text.replaceAll(UMLAUT, "")).join(" "));
}

function termOfUnit(unit, isLast) {
  const read = unit.map(({ text, isQuoted }, nth) => termOf(text, isLast && nth === unit.length - 1, isQuoted));
  const named = namedBy(unit);
  if (!named) return read[0];
  const own = read.map(({ isPattern, text }) => `(?:${isPattern ? text : escaped(text)})`);
  const ways = own.length > 1 ? [own, [...own].reverse()] : [own];
  return { isPattern: true, text: [...ways.map((way) => way.join("[\\s\\S]*")), named].join("|") };
}

function tokensOf(folded) {
  return [...folded.matchAll(TOKENS)]
    .flatMap(([token, quoted]) =>
      quoted === undefined
        ? token.split(LISTED).map((text) => ({ text: text.replace(AROUND, "") || text, isQuoted: false }))
        : [{ text: quoted.trim(), isQuoted: true }],
    )
    .filter(({ text }) => /%|\P{P}/u.test(text)) // commas and brackets are nobody's words
    .map(({ text, isQuoted }) => ({ text: [...text].slice(0, LONGEST_WORD).join(""), isQuoted }));
}

/**
 * A number and a short word would be found within many others: they are found whole, the last as far as it is typed.
 * Whoever looks for several finds one as well: "students" looks for "student".
 */
function termOf(text, isLast, isQuoted) {
  const singular = isQuoted ? text : text.replace(PLURAL, "$1");
  const written = singular.replace(THOUSANDS, (number) => number.replace(/[^0-9]/g, "")).replace(/([0-9]),(?=[0-9])/g, "$1.");
  const pieces = piecesOf(written);
  const [before, after] = boundsOf(written, isLast);
  const isPattern = Boolean(before || after) || pieces.some((piece) => piece.isPattern);
  if (!isPattern) return { isPattern, text: written };
  const pattern = `${before}${pieces.map((piece) => piece.pattern).join("")}${after}`;
  const isTwo = !isQuoted && STARTS_SPACED.test(written);
  return { isPattern, text: isTwo ? `${pattern}|${numbersInTurn(written)}` : pattern };
}

/** "15 128" may be two numbers. */
function numbersInTurn(written) {
  const numbers = written.split(" ").map(escaped);
  return `${BEFORE_NUMBER}${numbers.join(`(?:[^0-9][\\s\\S]*)?${BEFORE_NUMBER}`)}`;
}

function boundsOf(written, isLast) {
  const plain = written.replaceAll(UMLAUT, "");
  if (/\p{N}/u.test(plain) && !/\p{L}/u.test(plain)) {
    const after = isLast ? AFTER_TYPED_NUMBER : AFTER_NUMBER;
    return [BEFORE_NUMBER, /[0-9]$/.test(plain) ? after : ""];
  }
  const parts = plain.split(/[- ]/);
  const isWhole = SHORT.test(parts.at(-1)) && !(isLast && parts.at(-1).length <= TYPED);
  return [SHORT.test(parts[0]) ? BEFORE_WORD : "", isWhole ? AFTER_WORD : ""];
}

/** A text in pieces, each with the pattern of all ways to write it. */
function piecesOf(written) {
  const alike = [];
  for (const { 0: piece, 1: whole, 2: cents, 3: sign, index } of written.matchAll(PIECES)) {
    const previous = written.slice(0, index);
    const next = written.slice(index + piece.length);
    alike.push(whole ? numberPiece(piece, whole, cents, next) : signPiece(sign, previous, next));
  }
  return alike;
}

function numberPiece(piece, whole, cents, next) {
  const grouped = whole.replaceAll(" ", "").replace(/\B(?=(?:[0-9]{3})+$)/g, "[.,' ]?");
  const pattern = `${grouped}${cents ? `[.,]${cents}` : ""}${/^[%€$£¥]/.test(next) ? " ?" : ""}`;
  return { isPattern: pattern !== piece, pattern };
}

function signPiece(sign, previous, next) {
  if (sign === UMLAUT) return { isPattern: true, pattern: "e?" };
  if (sign === "-" && /[\p{L}\p{N}]$/u.test(previous) && /^[\p{L}\p{N}]/u.test(next))
    if (!/[0-9]$/.test(previous) || !/^[0-9]/.test(next)) return { isPattern: true, pattern: "[- ]?" };
  if (/[€$£¥]/.test(sign) && /^[0-9]/.test(next)) return { isPattern: true, pattern: `${escaped(sign)} ?` };
  return { isPattern: false, pattern: escaped(sign) };
}

const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"); // no "-": escaped it is none of a `u` pattern

/** A query with its umlauts marked, and a percent sign at its number. */
function foldedQuery(query) {
  const marked = query
    .replace(/[\0-\x1f\x7f]/g, " ")
    .normalize("NFC")
    .replace(/[äöüÄÖÜ]/g, `$&${UMLAUT}`);
  return fold(marked).replace(/([0-9]) (?=%)/g, "$1").trim();
}

function fold(text) {
  if (PLAIN.test(text)) return text.toLowerCase().replace(/ +/g, " ");
  return text
    .replace(/[‘’ʼ´`‐‑‒–—−×]/g, (sign) => OWN_SIGNS[sign])
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[ßæœøłđıς]/g, (letter) => OWN_LETTERS[letter])
    .replace(/[\p{M}\u00AD\u200B-\u200D\uFEFF]/gu, "")
    .replace(/[\t\r\f\v\p{Z}]+/gu, " ");
}

// Nearly every text has them.
const littleWords = new Set(LITTLE_WORDS.split(" ").map((word) => foldedQuery(word)));

/** The pattern of all names of a thing, by each name. */
const namePatterns = new Map(
  SYNONYMS.flatMap((line) => {
    const names = line.split("/").map((name) => foldedQuery(name));
    const ways = names.map((name) => name.replaceAll(UMLAUT, "e?").replaceAll(" ", "[- ]")).join("|");
    const pattern = `${BEFORE_WORD}(?:${ways})${AFTER_WORD}`;
    return names.flatMap((name) => ["", "e"].map((letter) => [name.replaceAll(UMLAUT, letter), pattern]));
  }),
);
const longestName = Math.max(...[...namePatterns.keys()].map((name) => name.split(" ").length));
