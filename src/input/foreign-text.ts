/** What a file is that holds no rows as they are read here, and what to do about it. */
export type ForeignFormat = { readonly what: string; readonly hint: string };

/** What the text is, by its first lines, where that is another format than CSV or MySQL text. */
export function foreignText(text: string): ForeignFormat | undefined {
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

const clientWarning: ForeignFormat = {
  what: 'its first line is a message of the MySQL client, not a row',
  hint: 'Dump it again with 2>/dev/null in place of 2>&1, or drop the line with tail -n +2.',
};

const clientError: ForeignFormat = {
  what: 'it holds an error of the MySQL client and no rows',
  hint: 'Repair what it says, and dump again.',
};

function isSqlDump(text: string): boolean {
  const start = text.slice(0, 200).trimStart();
  return /^(?:-- (?:MySQL|MariaDB) dump |\/\*M?!\d|(?:CREATE|DROP|LOCK) TABLES? |(?:INSERT|REPLACE) INTO )/.test(start);
}

const sqlDump: ForeignFormat = {
  what: 'it holds SQL statements, as mysqldump writes without --tab',
  hint: 'Pass --format sql, without the options of other formats.',
};

function separatorLine(separator: string): ForeignFormat {
  const delimiter = separator === '\t' ? '\\t' : separator;
  const told = separator === '' ? '' : ` and pass --delimiter ${delimiter === "'" ? `"'"` : `'${delimiter}'`}`;
  return {
    what: `its first line is Excel's sep=${delimiter}, not a row`,
    hint: `Drop that line with tail -n +2${told}.`,
  };
}

function ofClient(what: string, option: string): ForeignFormat {
  return {
    what: `it was written by the mysql client in ${what}`,
    hint: `Dump it with mysql --batch --quick, without ${option}.`,
  };
}

const xml: ForeignFormat = { what: 'it is XML', hint: `${dumpAgain}.` };
const html: ForeignFormat = { what: 'it is an HTML page', hint: 'Check where it came from: it holds no rows.' };

const json: ForeignFormat = {
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
