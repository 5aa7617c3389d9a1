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
  /** Changes the width; lines that no longer fit are wrapped, and joined again where they do, as by most terminals. */
  resize(columns: number): void;
};

/** `wraps`: the next row goes on with the same line. Only erasing the row as a whole makes the terminal forget it. */
type Row = { cells: string[]; wraps: boolean };

/** A terminal that wraps at its width, and knows the codes that move up, erase and colour. Throws on any other. */
export function terminalOf(columns: number, rows = 24): Terminal {
  let width = columns;
  let grid: Row[] = [{ cells: [], wraps: false }];
  let row = 0;
  let column = 0;
  let raw = '';
  let writes = 0;

  function lineFeed(): void {
    row++;
    column = 0;
    if (row === grid.length) grid.push({ cells: [], wraps: false });
  }

  function eraseFromCursor(): void {
    const { cells } = grid[row]!;
    cells.length = Math.min(cells.length, column);
  }

  function obey(parameters: string, command: string): void {
    if (command === 'A') row = Math.max(0, grid.length - rows, row - Number(parameters || 1));
    else if (command === 'K') eraseFromCursor();
    else if (command === 'J') {
      eraseFromCursor();
      if (column === 0) grid[row]!.wraps = false;
      grid.length = row + 1;
    } else if (command !== 'm') throw new Error(`the terminal does not know ESC [ ${parameters} ${command}`);
  }

  function put(character: string): void {
    if (column >= width) {
      grid[row]!.wraps = true;
      lineFeed();
    }
    const { cells } = grid[row]!;
    while (cells.length < column) cells.push(' ');
    cells[column++] = character;
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
    lines: () => grid.map(({ cells }) => cells.join('').trimEnd()),
    raw: () => raw,
    writes: () => writes,
    resize(to) {
      width = to;
      grid = joined(grid).flatMap((cells) => wrapped(cells, to));
      row = grid.length - 1;
      column = grid[row]!.cells.length;
    },
  };
}

function joined(grid: readonly Row[]): string[][] {
  const lines: string[][] = [];
  let goesOn = false;
  for (const { cells, wraps } of grid) {
    if (goesOn) lines.at(-1)!.push(...cells);
    else lines.push([...cells]);
    goesOn = wraps;
  }
  return lines;
}

function wrapped(cells: readonly string[], width: number): Row[] {
  const pieces = Math.max(1, Math.ceil(cells.length / width));
  return Array.from({ length: pieces }, (_, i) => ({
    cells: cells.slice(i * width, (i + 1) * width),
    wraps: i < pieces - 1,
  }));
}
