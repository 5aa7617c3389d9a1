import type { ServerValue } from './mysql-encoder.ts';

/** How a value is written in an INSERT statement. */
export type LiteralStyle = 'single' | 'double' | 'doubled' | 'introduced' | 'hex' | 'x' | 'bare' | 'convert';

const [zero, lineFeed, carriageReturn, substitute, quote, doubleQuote, backslash] = [0, 10, 13, 26, 39, 34, 92];
const escapeLetters: Record<number, string> = {
  ...{ [zero]: '0', [lineFeed]: 'n', [carriageReturn]: 'r', [substitute]: 'Z' },
  ...{ [quote]: "'", [doubleQuote]: '"', [backslash]: '\\' },
};

/** A literal byte by byte, from MySQL's manual; nothing here is shared with the decoder. */
export function encodeLiteral(value: ServerValue, style: LiteralStyle): Buffer {
  if (value === null) return Buffer.from('NULL');
  const bytes = Buffer.from(value as string);
  switch (style) {
    case 'bare':
      return bytes;
    case 'hex':
      return bytes.length === 0 ? Buffer.from("''") : Buffer.from(`0x${bytes.toString('hex').toUpperCase()}`);
    case 'x':
      return Buffer.from(`x'${bytes.toString('hex')}'`);
    case 'single':
      return quoted(bytes, quote, 'escaped');
    case 'double':
      return quoted(bytes, doubleQuote, 'escaped');
    case 'doubled':
      return quoted(bytes, quote, 'doubled');
    case 'introduced':
      return Buffer.concat([Buffer.from('_binary '), quoted(bytes, quote, 'escaped')]);
    case 'convert':
      return Buffer.concat([
        Buffer.from('CONVERT('),
        quoted(bytes, doubleQuote, 'escaped'),
        Buffer.from(' USING UTF8MB4)'),
      ]);
  }
}

function quoted(bytes: Buffer, mark: number, way: 'escaped' | 'doubled'): Buffer {
  const written: number[] = [mark];
  for (const byte of bytes) {
    const letter = escapeLetters[byte];
    if (way === 'doubled' && byte === mark) written.push(mark, mark);
    else if (letter === undefined || (way === 'doubled' && byte !== backslash)) written.push(byte);
    else written.push(backslash, letter.charCodeAt(0));
  }
  written.push(mark);
  return Buffer.from(written);
}

export type Statement = {
  /** `INSERT INTO`, `REPLACE INTO` and the like. */
  readonly verb: string;
  /** As written, with quotes and database. */
  readonly table: string;
  readonly columns?: readonly string[];
  /** Literals by row. */
  readonly rows: readonly (readonly Buffer[])[];
  /** Text after the comma between two tuples. */
  readonly between: string;
};

/** An INSERT statement with its semicolon and a line feed. */
export function encodeInsert({ verb, table, columns, rows, between }: Statement): Buffer {
  const list = columns === undefined ? '' : ` (${columns.map((name) => `\`${name}\``).join(', ')})`;
  const pieces: Buffer[] = [Buffer.from(`${verb} ${table}${list} VALUES `)];
  rows.forEach((row, i) => {
    if (i > 0) pieces.push(Buffer.from(`,${between}`));
    pieces.push(Buffer.from('('));
    row.forEach((literal, j) => {
      if (j > 0) pieces.push(Buffer.from(','));
      pieces.push(literal);
    });
    pieces.push(Buffer.from(')'));
  });
  pieces.push(Buffer.from(';\n'));
  return Buffer.concat(pieces);
}
