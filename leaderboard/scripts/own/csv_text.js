// CSV of any program as cells: RFC 4180, with comma, semicolon or tab between them.

/**
 * @param {string} text
 * @returns {{line: number, cells: string[]}[]} rows with the line that each begins on; blank ones are left out
 */
export function parseCsv(text) {
  const between = delimiter(text);
  /** @type {{line: number, cells: string[]}[]} */
  const rows = [];
  let [line, begun] = [1, 1];
  /** @type {string[]} */
  let cells = [];
  let cell = "";
  let isQuoted = false;
  const end = () => {
    cells.push(cell);
    if (cells.some((one) => one.trim())) rows.push({ line: begun, cells });
    [cells, cell] = [[], ""];
  };
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (letter === "\n") line++;
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[i + 1] === '"') cell += text[++i];
      else isQuoted = false;
    } else if (letter === '"' && !cell) isQuoted = true;
    else if (letter === between) {
      cells.push(cell);
      cell = "";
    } else if (letter === "\n") {
      end();
      begun = line;
    } else if (letter !== "\r") cell += letter;
  }
  if (cell || cells.length) end();
  return rows;
}

/** @param {string} text */
function delimiter(text) {
  const head = text.slice(0, text.indexOf("\n") < 0 ? text.length : text.indexOf("\n"));
  const counts = [",", ";", "\t"].map((letter) => head.split(letter).length);
  return [",", ";", "\t"][counts.indexOf(Math.max(...counts))];
}
