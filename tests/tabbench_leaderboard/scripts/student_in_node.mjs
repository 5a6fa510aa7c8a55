// Quantiles of Student's t and tails of the normal distribution.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { normalTail, studentQuantile } = await import(new URL("ranking/student.js", pathToFileURL(`${process.argv[2]}/`)));
const { tails, normal } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify({ quantiles: tails.map(([tail, df]) => studentQuantile(tail, df)), normal: normal.map(normalTail) }));
