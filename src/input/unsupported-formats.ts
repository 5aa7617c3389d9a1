import { pipeFrom, shellWord } from '../domain/format.ts';
import { ImportError } from '../domain/import-error.ts';

export const byteOrderMark = Buffer.from('\ufeff');

/** It would be part of the first key. */
export const aboutMark = 'it begins with a byte order mark, which MySQL does not write';

/** Another format: what the file is, and what to do about it. */
type UnsupportedFormat = { readonly what: string; readonly hint: string };

/** Refuses files without rows of CSV or MySQL text, as `refuseUnsupportedBytes` and `refuseUnsupportedText` do. */
export function refuseUnsupportedFormat(sample: Buffer, fileName: string): void {
  refuseUnsupportedBytes(sample, fileName);
  refuseUnsupportedText(sample, fileName);
}

/**
 * Refuses text that is neither CSV nor MySQL text, judged by the first unpacked bytes of the file. Throws ImportError
 * `undecodable`, which names the format and the way out. A first row that only resembles another format passes.
 */
export function refuseUnsupportedText(sample: Buffer, fileName: string): void {
  refuse(formatOfText(sample.toString('utf8').replace(/^\ufeff/, '')), fileName);
}

/** Does the same for formats that 512 bytes are enough to recognize: archives, workbooks, databases, UTF-16. */
export function refuseUnsupportedBytes(head: Uint8Array, fileName: string): void {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  refuse(formatOfBytes(bytes, fileName), fileName);
}

function refuse(format: UnsupportedFormat | undefined, fileName: string): void {
  if (format === undefined) return;
  throw new ImportError('undecodable', `${fileName}: ${format.what}`, { hint: format.hint });
}

function formatOfBytes(bytes: Buffer, fileName: string): UnsupportedFormat | undefined {
  const start = bytes.toString('latin1', 0, 100);
  const source = pipeFrom(fileName);
  const piped = (what: string, command: string, pipe: string) => {
    const unpack = source === undefined ? `${command} ${shellWord(fileName)}` : `${source} | ${pipe}`;
    return { what, hint: `Pipe its content, with the same options: ${unpack} | import-tokens -` };
  };
  if (isUtf16(bytes)) return utf16;
  // The name of a zip archive's first entry follows a header of 30 bytes.
  const isOffice = /^(\[Content_Types\]\.xml|_rels\/|docProps\/|xl\/)/.test(start.slice(30));
  if (/^PK\x03\x04/.test(start)) return isOffice ? workbook : piped('it is a zip archive', 'unzip -p', 'funzip');
  if (/^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/.test(start)) return workbook;
  if (bytes.toString('latin1', tarMagicAt, tarMagicAt + 5) === 'ustar') {
    const flags = /\.t?gz$/.test(fileName) ? '-xzOf' : '-xOf';
    return piped('it is a tar archive', `tar ${flags}`, `tar ${flags} -`);
  }
  if (/^\x1f\x8b\x08/.test(start)) return piped('it was packed with gzip twice', 'gzip -dc', 'gzip -dc');
  if (start.startsWith('SQLite format 3\0')) return sqlite;
  // A control character follows the magic number, so that a token that begins with it passes.
  return /^PAR1[\x00-\x1f]/.test(start) ? parquet : undefined;
}

const tarMagicAt = 257;

/** What `>` of Windows PowerShell makes of a dump. MySQL writes no NUL byte, so rows of a table never look like this. */
function isUtf16(bytes: Buffer): boolean {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe && bytes[3] === 0;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff && bytes[2] === 0;
  // Without a byte order mark, half of the bytes of a header are NUL.
  return isLittle || isBig || /^(?:(?:[^\0]\0){4}|(?:\0[^\0]){4})/.test(bytes.toString('latin1', 0, 8));
}

const utf16 = {
  what: "it is UTF-16, as Windows PowerShell's > writes it",
  hint: 'Dump it with a shell that does not change bytes (cmd.exe), or, if no column is binary, convert it: iconv -f UTF-16 -t UTF-8',
};
const workbook = { what: 'it is an Excel workbook', hint: 'Save the sheet as "CSV UTF-8" and import that file.' };
const sqlite = {
  what: 'it is an SQLite database',
  hint: 'Export the table as CSV: sqlite3 -header -csv FILE "SELECT * FROM table"',
};
const parquet = {
  what: 'it is a Parquet file',
  hint: 'Export the rows as CSV: duckdb -csv -c "SELECT * FROM \'FILE\'"',
};

/** Judged by its first lines. */
function formatOfText(text: string): UnsupportedFormat | undefined {
  if (warningLine.test(text)) return clientWarning;
  if (sqlStart.test(text.slice(0, 200).trimStart())) return sqlDump;
  if (/^ERROR \d{4} \(\w{5}\)[^\n]*\n?$/.test(text)) return clientError;
  const [first = '', second = ''] = text.split(/\r?\n/, 2);
  if (/^"?sep=.?"?$/i.test(first)) return separatorLine(first.replace(/^"?sep=|"$/gi, ''));
  if (/^\+(-+\+)+$/.test(first) && second.startsWith('|')) return clientOutput('its table output', '--table (-t)');
  if (/^\*{5,} 1\. row \*{5,}$/.test(first)) return clientOutput('its vertical output', '--vertical (-E)');
  if (/^-{14}\r?\n.+?\n-{14}\r?\n/s.test(text)) return clientOutput('its verbose output', '--verbose (-v)');
  if (/^<TABLE BORDER=\d+><TR>/i.test(first)) return clientOutput('its HTML output', '--html (-H)');
  if (/^<\?xml\s|^<(resultset|mysqldump)[\s>]/.test(first)) return xml;
  if (/^<(!doctype html|html)[\s>]/i.test(first)) return html;
  return isJson(text) ? json : undefined;
}

/** Written to standard error, which `2>&1` redirects to the file. */
const warningLine =
  /^(?:(?:mysql|mysqldump|mariadb|mariadb-dump)(?:\.exe)?: (?:\[(?:Warning|ERROR)\]|Deprecated program name|Got error:|Couldn't )|(?:Warning|WARNING): Using a password on the command line )/;
const sqlStart = /^(?:-- (?:MySQL|MariaDB) dump |\/\*M?!\d|(?:CREATE|DROP|LOCK) TABLES? |(?:INSERT|REPLACE) INTO )/;

const clientWarning = {
  what: 'its first line is a message of the MySQL client, not a row',
  hint: 'Dump it again with 2>/dev/null in place of 2>&1, or drop the line with tail -n +2.',
};
const clientError = {
  what: 'it holds an error of the MySQL client and no rows',
  hint: 'Fix the cause of the error, and dump the table again.',
};
const sqlDump = {
  what: 'it holds SQL statements, as mysqldump writes without --tab',
  hint: 'Pass --format sql, without the options of other formats.',
};
const xml = {
  what: 'it is XML',
  hint: 'Dump it with `mysqldump --tab=DIR db table`, or, if the server cannot write files, `mysql --batch --quick -e "SELECT * FROM table" db`.',
};
const html = { what: 'it is an HTML page', hint: 'Check where it came from: it holds no rows.' };
const json = {
  what: 'it is JSON',
  hint: "Convert it to CSV, for example with jq -r '[.id, .name] | @csv', and name the columns with --columns.",
};

function separatorLine(separator: string): UnsupportedFormat {
  const delimiter = separator === '\t' ? '\\t' : separator;
  const flag = separator === '' ? '' : ` and pass --delimiter ${delimiter === "'" ? `"'"` : `'${delimiter}'`}`;
  return {
    what: `its first line is Excel's sep=${delimiter}, not a row`,
    hint: `Drop that line with tail -n +2${flag}.`,
  };
}

function clientOutput(what: string, option: string): UnsupportedFormat {
  return {
    what: `it was written by the mysql client in ${what}`,
    hint: `Dump it with mysql --batch --quick, without ${option}.`,
  };
}

/** Rows whose first field is a JSON document pass: each line must be a whole document, apart from the marks of a list. */
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
  return isParsable(line) || (isList && isParsable(line.replace(/^\s*\[/, '').replace(/[\],\s]+$/, '')));
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
