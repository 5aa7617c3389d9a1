export type Terminal = {
  write(text: string): void;
  columns(): number;
  rows(): number;
  /** What stands on it, scrolled away or not. */
  lines(): string[];
  /** The same, with the colours left in. */
  raw(): string;
  /** How often it was written to. */
  writes(): number;
  /** Changes the width; lines that no longer fit are wrapped anew, as most terminals do. */
  resize(columns: number): void;
};

/** A terminal that wraps at its width, and knows the codes that move up, erase and colour. Throws on any other. */
export function terminalOf(columns: number, rows = 24): Terminal {
  let width = columns;
  let grid: string[][] = [[]];
  let row = 0;
  let column = 0;
  let raw = '';
  let writes = 0;

  function lineFeed(): void {
    row++;
    column = 0;
    if (row === grid.length) grid.push([]);
  }

  function obey(parameters: string, command: string): void {
    if (command === 'A') row = Math.max(0, grid.length - rows, row - Number(parameters || 1));
    else if (command === 'K') grid[row]!.length = Math.min(grid[row]!.length, column);
    else if (command === 'J') {
      grid[row]!.length = Math.min(grid[row]!.length, column);
      grid.length = row + 1;
    } else if (command !== 'm') throw new Error(`the terminal does not know ESC [ ${parameters} ${command}`);
  }

  function put(character: string): void {
    if (column >= width) lineFeed();
    const line = grid[row]!;
    while (line.length < column) line.push(' ');
    line[column++] = character;
  }

  return {
    columns: () => width,
    rows: () => rows,
    write(text) {
      writes++;
      raw += text;
      for (const [part, parameters, command] of text.matchAll(/\u001b\[([\d;]*)([A-Za-z])|[\s\S]/gu)) {
        if (command !== undefined) obey(parameters!, command);
        else if (part === '\r') column = 0;
        else if (part === '\n') lineFeed();
        else put(part);
      }
    },
    lines: () => grid.map((line) => line.join('').trimEnd()),
    raw: () => raw,
    writes: () => writes,
    resize(to) {
      const text = grid.map((line) => line.join(''));
      width = to;
      grid = text.flatMap((line) => {
        const pieces = Math.max(1, Math.ceil(line.length / to));
        return Array.from({ length: pieces }, (_, i) => Array.from(line.slice(i * to, (i + 1) * to)));
      });
      row = grid.length - 1;
      column = grid[row]!.length;
    },
  };
}
