// Round the numbers on standard input: a list of [value, digits].
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { fixed } = await import(new URL("ranking/words.js", pathToFileURL(`${process.argv[2]}/`)));
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(([value, digits]) => fixed(value, digits))));
