import { closeSync, openSync, writeSync } from 'node:fs';

const rowsAtOnce = 10_000;

/** Writes a CSV that is too large to hold as text. `lineOf` returns a row without its line feed. */
export function writeRows(path: string, header: string, rows: number, lineOf: (row: number) => string): void {
  const file = openSync(path, 'w');
  writeSync(file, `${header}\n`);
  for (let row = 0; row < rows; ) {
    let chunk = '';
    for (const end = Math.min(rows, row + rowsAtOnce); row < end; row++) chunk += `${lineOf(row)}\n`;
    writeSync(file, chunk);
  }
  closeSync(file);
}
