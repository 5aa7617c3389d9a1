import { shellWord } from '../domain/format.ts';
import { ImportError } from '../domain/import-error.ts';

/** Refuses files that hold no rows of CSV or MySQL text, as `refuseUnsupportedBytes` and `refuseUnsupportedText` do. */
export function refuseUnsupportedFormat(sample: Buffer, fileName: string): void {
  refuseUnsupportedBytes(sample, fileName);
  refuseUnsupportedText(sample, fileName);
}

/**
 * Refuses text that is neither CSV nor MySQL text, by the beginning of its unpacked bytes. Throws ImportError
 * `undecodable` that names the format and what to do. A first row that only resembles another format passes.
 */
export function refuseUnsupportedText(sample: Buffer, fileName: string): void {
  const text = sample.toString('utf8');
  const found = unsupportedText(text.startsWith('\ufeff') ? text.slice(1) : text);
  if (found !== undefined) throw refusal(found, fileName);
}

/** The same for formats that 512 bytes tell: archives, workbooks, databases, UTF-16. */
export function refuseUnsupportedBytes(head: Uint8Array, fileName: string): void {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const found = unsupportedBytes(bytes, fileName === 'standard input' ? undefined : shellWord(fileName));
  if (found !== undefined) throw refusal(found, fileName);
}

/** `path`: undefined for a pipe. */
function unsupportedBytes(bytes: Buffer, path: string | undefined): UnsupportedFormat | undefined {
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

function refusal({ what, hint }: UnsupportedFormat, fileName: string): ImportError {
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

const utf16: UnsupportedFormat = {
  what: "it is UTF-16, as Windows PowerShell's > writes it",
  hint: 'Dump it with a shell that leaves bytes alone (cmd.exe), or, where no column is binary, convert it: iconv -f UTF-16 -t UTF-8',
};

const workbook: UnsupportedFormat = {
  what: 'it is an Excel workbook',
  hint: 'Save the sheet as "CSV UTF-8" and import that file.',
};

function zip(bytes: Buffer, path: string | undefined): UnsupportedFormat {
  // The name of the first entry stands behind a header of 30 bytes.
  if (/^(\[Content_Types\]\.xml|_rels\/|docProps\/|xl\/)/.test(bytes.toString('latin1', 30, 60))) return workbook;
  const command = path === undefined ? '… | funzip' : `unzip -p ${path}`;
  return {
    what: 'it is a zip archive',
    hint: `Pipe the file in it, with the same options: ${command} | import-tokens -`,
  };
}

function tar(path: string | undefined): UnsupportedFormat {
  const gzipFlag = path !== undefined && /\.t?gz'?$/.test(path) ? 'z' : '';
  const command = path === undefined ? '… | tar -xOf -' : `tar -x${gzipFlag}Of ${path}`;
  return {
    what: 'it is a tar archive',
    hint: `Pipe the file in it, with the same options: ${command} | import-tokens -`,
  };
}

function packedTwice(path: string | undefined): UnsupportedFormat {
  const command = path === undefined ? '… | gzip -dc' : `gzip -dc ${path}`;
  return {
    what: 'it was packed with gzip twice',
    hint: `Unpack it once, and pass the same options: ${command} | import-tokens -`,
  };
}

const sqlite: UnsupportedFormat = {
  what: 'it is an SQLite database',
  hint: 'Export the table as CSV: sqlite3 -header -csv FILE "SELECT * FROM table"',
};

const parquet: UnsupportedFormat = {
  what: 'it is a Parquet file',
  hint: 'Export the rows as CSV: duckdb -csv -c "SELECT * FROM \'FILE\'"',
};

/** What a file is that holds no rows as they are read here, and what to do about it. */
type UnsupportedFormat = { readonly what: string; readonly hint: string };

/** What the text is, by its first lines, where that is another format than CSV or MySQL text. */
function unsupportedText(text: string): UnsupportedFormat | undefined {
  const rows = withoutWarnings(text);
  if (rows !== text) return clientWarning;
  if (isSqlDump(text)) return sqlDump;
  if (/^ERROR \d{4} \(\w{5}\)[^\n]*\n?$/.test(text)) return clientError;
  const [first = '', second = ''] = text.split(/\r?\n/, 2);
  if (/^"?sep=.?"?$/i.test(first)) return separatorLine(first.replace(/^"?sep=|"$/gi, ''));
  if (/^\+(-+\+)+$/.test(first) && second.startsWith('|')) return ofClient('its table output', '--table (-t)');
  if (/^\*{5,} 1\. row \*{5,}$/.test(first)) return ofClient('its vertical output', '--vertical (-E)');
  if (/^<TABLE BORDER=\d+><TR>/i.test(first)) return ofClient('its HTML output', '--html (-H)');
  if (/^<\?xml\s|^<(resultset|mysqldump)[\s>]/.test(first)) return xml;
  if (/^<(!doctype html|html)[\s>]/i.test(first)) return html;
  return isJson(text) ? json : undefined;
}

const dumpAgain =
  'Dump it with `mysqldump --tab=DIR db table`, or, where the server writes no files, `mysql --batch --quick -e "SELECT * FROM table" db`';

/** Written to standard error, which `2>&1` leads into the file. */
const warningLine =
  /^(?:(?:mysql|mysqldump|mariadb|mariadb-dump)(?:\.exe)?: (?:\[(?:Warning|ERROR)\]|Deprecated program name|Got error:|Couldn't )|(?:Warning|WARNING): Using a password on the command line ).*(?:\r?\n|$)/;

function withoutWarnings(text: string): string {
  let rest = text;
  for (let line = warningLine.exec(rest); line !== null; line = warningLine.exec(rest)) {
    rest = rest.slice(line[0].length);
    if (rest === '') break;
  }
  return rest;
}

const clientWarning: UnsupportedFormat = {
  what: 'its first line is a message of the MySQL client, not a row',
  hint: 'Dump it again with 2>/dev/null in place of 2>&1, or drop the line with tail -n +2.',
};

const clientError: UnsupportedFormat = {
  what: 'it holds an error of the MySQL client and no rows',
  hint: 'Repair what it says, and dump again.',
};

function isSqlDump(text: string): boolean {
  const start = text.slice(0, 200).trimStart();
  return /^(?:-- (?:MySQL|MariaDB) dump |\/\*M?!\d|(?:CREATE|DROP|LOCK) TABLES? |(?:INSERT|REPLACE) INTO )/.test(start);
}

const sqlDump: UnsupportedFormat = {
  what: 'it holds SQL statements, as mysqldump writes without --tab',
  hint: 'Pass --format sql, without the options of other formats.',
};

function separatorLine(separator: string): UnsupportedFormat {
  const delimiter = separator === '\t' ? '\\t' : separator;
  const told = separator === '' ? '' : ` and pass --delimiter ${delimiter === "'" ? `"'"` : `'${delimiter}'`}`;
  return {
    what: `its first line is Excel's sep=${delimiter}, not a row`,
    hint: `Drop that line with tail -n +2${told}.`,
  };
}

function ofClient(what: string, option: string): UnsupportedFormat {
  return {
    what: `it was written by the mysql client in ${what}`,
    hint: `Dump it with mysql --batch --quick, without ${option}.`,
  };
}

const xml: UnsupportedFormat = { what: 'it is XML', hint: `${dumpAgain}.` };
const html: UnsupportedFormat = { what: 'it is an HTML page', hint: 'Check where it came from: it holds no rows.' };

const json: UnsupportedFormat = {
  what: 'it is JSON',
  hint: "Convert it to CSV, for example with jq -r '[.id, .name] | @csv', and name the columns with --columns.",
};

/** Rows whose first field is a JSON document pass: each line has to be one as a whole, but for the marks of a list. */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  const lines = text.trimStart().split(/\r?\n/);
  if (lines.length === 1) return isJsonLine(text, false) || isCutJson(text);
  // The last line of a sample may be cut.
  const whole = lines.slice(0, -1).filter((line) => line.trim() !== '');
  const isList = text.trimStart().startsWith('[');
  if (whole.every((line) => isJsonLine(line, isList))) return true;
  const [first = '', second = ''] = lines;
  return /^[\s[{]+$/.test(first) && /^\s*["{[]/.test(second);
}

function isJsonLine(line: string, isList: boolean): boolean {
  // Spaces may follow a document, but a tab ends a field.
  if (!/^\s*[[{]/.test(line) || line.endsWith('\t')) return false;
  if (isParsable(line)) return true;
  return isList && isParsable(line.replace(/^\s*\[/, '').replace(/[\],\s]+$/, ''));
}

/** A document on one line that is longer than the sample. */
function isCutJson(text: string): boolean {
  return /^\s*\[?\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*(?:["[{\d-]|true|false|null)/.test(text);
}

function isParsable(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
