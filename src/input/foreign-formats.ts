import { ImportError } from '../domain/import-error.ts';
import { shellWord } from '../domain/shell-word.ts';
import { type ForeignFormat, foreignText } from './foreign-text.ts';

/** Refuses files that hold no rows of CSV or MySQL text, as `refuseForeignBytes` and `refuseForeignText` do. */
export function refuseForeignFormat(sample: Buffer, fileName: string): void {
  refuseForeignBytes(sample, fileName);
  refuseForeignText(sample, fileName);
}

/**
 * Refuses text that is neither CSV nor MySQL text, by the beginning of its unpacked bytes. Throws ImportError
 * `undecodable` that names the format and what to do. A first row that only resembles another format passes.
 */
export function refuseForeignText(sample: Buffer, fileName: string): void {
  const text = sample.toString('utf8');
  const foreign = foreignText(text.startsWith('\ufeff') ? text.slice(1) : text);
  if (foreign !== undefined) throw refusal(foreign, fileName);
}

/** The same for formats that 512 bytes tell: archives, workbooks, databases, UTF-16. */
export function refuseForeignBytes(head: Uint8Array, fileName: string): void {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const foreign = foreignBytes(bytes, fileName === 'standard input' ? undefined : shellWord(fileName));
  if (foreign !== undefined) throw refusal(foreign, fileName);
}

/** `path`: undefined for a pipe. */
function foreignBytes(bytes: Buffer, path: string | undefined): ForeignFormat | undefined {
  const start = bytes.toString('latin1', 0, 100);
  if (isUtf16(bytes)) return utf16;
  if (/^PK\x03\x04/.test(start)) return zip(bytes, path);
  if (/^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/.test(start)) return workbook;
  if (bytes.toString('latin1', tarMagicAt, tarMagicAt + 5) === 'ustar') return tar(path);
  if (/^\x1f\x8b\x08/.test(start)) return packedTwice(path);
  if (start.startsWith('SQLite format 3\0')) return sqlite;
  // A control character follows the magic number, so that a token that begins with it passes.
  if (/^PAR1[\x00-\x1f]/.test(start)) return parquet;
  return undefined;
}

const tarMagicAt = 257;

function refusal({ what, hint }: ForeignFormat, fileName: string): ImportError {
  return new ImportError('undecodable', `${fileName}: ${what}`, { hint });
}

/** What Windows PowerShell's `>` makes of a dump. MySQL writes no NUL byte, so a table's bytes can't look like it. */
function isUtf16(bytes: Buffer): boolean {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe && bytes[3] === 0;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff && bytes[2] === 0;
  // Some write no byte order mark, and then half of the bytes of a header are NUL.
  const start = bytes.toString('latin1', 0, 8);
  return isLittle || isBig || /^(?:[^\0]\0){4}$/.test(start) || /^(?:\0[^\0]){4}$/.test(start);
}

const utf16: ForeignFormat = {
  what: "it is UTF-16, as Windows PowerShell's > writes it",
  hint: 'Dump it with a shell that leaves bytes alone (cmd.exe), or, where no column is binary, convert it: iconv -f UTF-16 -t UTF-8',
};

const workbook: ForeignFormat = {
  what: 'it is an Excel workbook',
  hint: 'Save the sheet as "CSV UTF-8" and import that file.',
};

function zip(bytes: Buffer, path: string | undefined): ForeignFormat {
  // The name of the first entry stands behind a header of 30 bytes.
  if (/^(\[Content_Types\]\.xml|_rels\/|docProps\/|xl\/)/.test(bytes.toString('latin1', 30, 60))) return workbook;
  const command = path === undefined ? '… | funzip' : `unzip -p ${path}`;
  return {
    what: 'it is a zip archive',
    hint: `Pipe the file in it, with the same options: ${command} | import-tokens -`,
  };
}

function tar(path: string | undefined): ForeignFormat {
  const gzipFlag = path !== undefined && /\.t?gz'?$/.test(path) ? 'z' : '';
  const command = path === undefined ? '… | tar -xOf -' : `tar -x${gzipFlag}Of ${path}`;
  return {
    what: 'it is a tar archive',
    hint: `Pipe the file in it, with the same options: ${command} | import-tokens -`,
  };
}

function packedTwice(path: string | undefined): ForeignFormat {
  const command = path === undefined ? '… | gzip -dc' : `gzip -dc ${path}`;
  return {
    what: 'it was packed with gzip twice',
    hint: `Unpack it once, and pass the same options: ${command} | import-tokens -`,
  };
}

const sqlite: ForeignFormat = {
  what: 'it is an SQLite database',
  hint: 'Export the table as CSV: sqlite3 -header -csv FILE "SELECT * FROM table"',
};

const parquet: ForeignFormat = {
  what: 'it is a Parquet file',
  hint: 'Export the rows as CSV: duckdb -csv -c "SELECT * FROM \'FILE\'"',
};
