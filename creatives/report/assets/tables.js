// A table as a file for spreadsheets, which run none of it: creatives/export/files.py makes them by the same rule.

import { h } from "./dom.js";

const TAKEN_FOR_FORMULA = /^(?:[\t\r\n']|\s*[=+\-@＝＋－＠])/u;

/** Offers rows under some names as a CSV file. Numbers stay numbers. */
export function saveTable(file, names, rows) {
  const lines = [names.join(","), ...rows.map((row) => row.map(cell).join(","))];
  const content = `\ufeff${lines.join("\r\n")}`; // by the mark Excel knows that it is UTF-8
  const address = URL.createObjectURL(new Blob([content], { type: "text/csv" }));
  h("a", { href: address, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function cell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const isText = typeof value !== "number" && !/^-?\d+(\.\d+)?$/.test(text); // money is told as text
  return `"${(isText && TAKEN_FOR_FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
