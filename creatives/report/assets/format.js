// Numbers, names and times as people read them.

const WHOLE = new Intl.NumberFormat("en");
const FINE = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const PRECISE = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const DAY = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const LANGUAGE = new Intl.DisplayNames("en", { type: "language" });
const MOMENT = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];
const CODES = LETTERS.flatMap((one) => LETTERS.map((other) => one + other)).filter(
  (code) => Intl.getCanonicalLocales(code)[0] === code, // `iw` is an old name of `he`
); // ISO 639-1 has some of these
let languageCodes; // by their names, made when first asked for

const LABELS = {
  upload: "Uploads",
  batch: "Addresses",
  raw_ads: "Table rows",
  first: "A file of its own",
  again: "A file seen before",
  none: "No file",
  new: "New creative",
  variant: "Variant",
  duplicate: "Duplicate",
  analysed: "Analysed",
  failed: "Failed",
  pending: "In progress",
  image: "Image",
  video: "Video",
};

/** What each stage does, in the order of the work. */
export const STAGES = {
  import_ads: "Importing",
  fetch: "Downloading",
  intake: "Receiving",
  hash: "Pictures",
  probe: "Videos",
  render: "Banners",
  dedup: "Comparing",
  extract: "Describing",
  verify: "Verifying",
  embed: "Finding likes",
  measure: "Measuring",
  settle: "Counting",
};

export const stageName = (stage) => STAGES[stage] ?? stage;

export const count = (number) => WHOLE.format(number);
export const precise = (number) => PRECISE.format(number);
export const decimal = (number) => FINE.format(number);

/** With two digits after the point, of less than 0.1 three that say something; with as many as `like`, if given, has. */
export function exact(number, like = number) {
  const digits = like >= 1000 ? 0 : like >= 0.1 || like <= 0 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(like)));
  return number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const day = (text) => DAY.format(new Date(`${text}T00:00:00`));
export const moment = (text) => MOMENT.format(new Date(text));

/** One of our own words (a status, a match, an origin) as people read it; see `said` for what a model said. */
export function label(word) {
  return Object.hasOwn(LABELS, word) ? LABELS[word] : title(String(word));
}

/** A value of a feature, as it was said; a yes or no in words. */
export function said(value) {
  const text = String(value);
  if (text === "true") return "Yes";
  return text === "false" ? "No" : text;
}

/** Seconds as players tell them: "7.7 s", of a minute and more "10:00 min". */
export function lasting(seconds) {
  if (seconds < 60) return `${decimal(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
}

/** "1 ad", "2 ads". */
export function many(number, one, several = `${one}s`) {
  return `${count(number)} ${ofThem(number, one, several)}`;
}

/** "ad", "ads": where the number stands elsewhere. */
export function ofThem(number, one, several = `${one}s`) {
  return number === 1 ? one : several;
}

/** US dollars with as many digits as it takes to see them. */
export function money(amount) {
  if (amount === null || amount === undefined) return "unknown";
  const value = Number(amount);
  if (value === 0) return "$0";
  const digits = value >= 1 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(value)));
  return `$${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

/** The name of a language by its code. */
export function language(code) {
  try {
    return LANGUAGE.of(code);
  } catch {
    return code; // no code at all: what the model said is shown as it is
  }
}

/** The code of a language by its name in English; undefined where there is none. */
export function languageCode(name) {
  languageCodes ??= new Map(CODES.map((code) => [language(code).toLowerCase(), code]));
  return languageCodes.get(name.trim().toLowerCase());
}

/** Bytes, in units of 1000. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  return `${decimal(bytes / 1e6)} MB`;
}

/** Part of a whole. */
export function share(part, whole) {
  const percent = whole ? (100 * part) / whole : 0;
  return `${percent > 0 && percent < 1 ? "<1" : Math.round(percent)} %`;
}

/**
 * A column's name as words: has_call_to_action is "Has call to action", promotion_s "Promotion (seconds)"; spelled as all
 * else of the page is, whatever the column has.
 */
export function title(name) {
  const words = name.replace(/_s$/, " (seconds)").replace(/_usd$/, " (USD)").replaceAll("_", " ").replace(/\bcolor(?=s?\b)/g, "colour").replace(/\burl\b/g, "address").replace(/\b(?:tls|http)\b/g, (name) => name.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a feature says, in a line of text: of a language its name. */
export function featureText(name, value) {
  return name === "language" && value ? language(value) : inline(value);
}

/** The same as people read it: a percentage with its sign. Words are looked for without. */
export function featureTold(name, value) {
  return name.endsWith("_percent") && typeof value === "number" ? `${decimal(value)} %` : featureText(name, value);
}

/** Any JSON value in a line of text. */
export function inline(value) {
  if (Array.isArray(value)) return value.map(inline).join(value.some(isRecord) ? "; " : ", ");
  if (isRecord(value)) return parts(value);
  if (typeof value === "number") return decimal(value);
  return said(value ?? "");
}

const isRecord = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** "0–2 s: Only today; style photo": when it is, its text, and the other parts that say something. */
function parts({ start_s: start, end_s: end, text, ...others }) {
  const isTimed = typeof start === "number";
  const isTold = ([, each]) => each !== null && each !== undefined && each !== "";
  const rest = Object.entries(isTimed ? others : { start_s: start, end_s: end, ...others }).filter(isTold);
  const named = rest.map(([name, each]) => `${title(name).toLowerCase()} ${inline(each)}`);
  const what = [inline(text), ...named].filter(Boolean).join("; ");
  const when = isTimed ? `${typeof end === "number" ? `${decimal(start)}–` : "from "}${decimal(end ?? start)} s` : "";
  return [when, what].filter(Boolean).join(": ");
}
