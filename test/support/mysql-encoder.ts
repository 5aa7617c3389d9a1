/** A value as the server holds it; numbers are text, BIT values their bytes. */
export type ServerValue = string | Uint8Array | null;

/** Decides how a column is written: `text` and `binary` are strings to MySQL, `number` is not, `bit` depends on the server. */
export type ServerType = 'text' | 'binary' | 'number' | 'bit';

export type OutfileOptions = {
  readonly terminatedBy: string;
  readonly enclosedBy: string;
  readonly optionally: boolean;
  readonly escapedBy: string;
  readonly linesTerminatedBy: string;
  readonly linesStartingBy?: string;
  /** MariaDB and MySQL 5.5 write the bytes of BIT raw, like a number; MySQL 9 writes them as a string. */
  readonly bits?: 'raw' | 'escaped';
};

/** The defaults of SELECT … INTO OUTFILE. */
export const outfileDefaults: Required<OutfileOptions> = {
  terminatedBy: '\t',
  enclosedBy: '',
  optionally: false,
  escapedBy: '\\',
  linesTerminatedBy: '\n',
  linesStartingBy: '',
  bits: 'raw',
};

/** Rows as SELECT … INTO OUTFILE writes them, byte by byte from the manual; nothing here is shared with the decoder. */
export function encodeOutfile(
  rows: readonly (readonly ServerValue[])[],
  types: readonly ServerType[],
  changes: Partial<OutfileOptions> = {},
): Buffer {
  const options = { ...outfileDefaults, ...changes };
  const bytes: number[] = [];
  for (const row of rows) {
    bytes.push(...Buffer.from(options.linesStartingBy));
    row.forEach((value, i) => {
      if (i > 0) bytes.push(...Buffer.from(options.terminatedBy));
      writeOutfileField(bytes, value, types[i]!, options);
    });
    bytes.push(...Buffer.from(options.linesTerminatedBy));
  }
  return Buffer.from(bytes);
}

function writeOutfileField(bytes: number[], value: ServerValue, type: ServerType, options: OutfileOptions): void {
  const escapeByte = options.escapedBy.charCodeAt(0);
  if (value === null) {
    bytes.push(escapeByte, 0x4e);
    return;
  }
  const isString = type === 'text' || type === 'binary' || (type === 'bit' && options.bits === 'escaped');
  const quote = options.enclosedBy !== '' && (isString || !options.optionally) ? Buffer.from(options.enclosedBy) : [];
  // In quotes the quote is escaped, otherwise the first byte of the field terminator; that of the line terminator always is.
  const special = [escapeByte, quote[0] ?? options.terminatedBy.charCodeAt(0), options.linesTerminatedBy.charCodeAt(0)];
  bytes.push(...quote);
  for (const byte of Buffer.from(value as string)) {
    if (isString && byte === 0) bytes.push(escapeByte, 0x30);
    else if (isString && special.includes(byte)) bytes.push(escapeByte, byte);
    else bytes.push(byte);
  }
  bytes.push(...quote);
}

/** Rows as `mysql --batch` prints them, with a header. */
export function encodeBatch(names: readonly string[], rows: readonly (readonly ServerValue[])[]): Buffer {
  const bytes: number[] = [];
  for (const row of [names, ...rows]) {
    row.forEach((value, i) => {
      if (i > 0) bytes.push(0x09);
      for (const byte of Buffer.from((value ?? 'NULL') as string)) writeBatchByte(bytes, byte);
    });
    bytes.push(0x0a);
  }
  return Buffer.from(bytes);
}

function writeBatchByte(bytes: number[], byte: number): void {
  const letters: Record<number, string> = { 0: '0', 9: 't', 10: 'n', 92: '\\' };
  const letter = letters[byte];
  if (letter === undefined) bytes.push(byte);
  else bytes.push(0x5c, letter.charCodeAt(0));
}
