import { ImportError } from '../../domain/import-error.ts';
import type { TableColumn } from '../mysql/table-definition.ts';
import type { Reading } from './detect-format-readings.ts';

const dumpAgain =
  'Dump it with `mysqldump --tab=DIR db table`, or, where the server writes no files, `mysql --batch --quick -e "SELECT * FROM table" db`';

/** The remedy where such a dump may be the client's, which nothing tells from it but a flag. */
export const ifBatch =
  ' If `mysql --batch --skip-column-names` wrote it, say so with --format mysql --null NULL --no-header.';

/** `--fields-escaped-by=''`: what separates can't be told from data. */
export function notEscaped(fileName: string, sign: string, remedy = ''): ImportError {
  return new ImportError(
    'undecodable',
    `${fileName}: ${sign}: a dump with --fields-escaped-by='' looks like this, and it can't be decoded`,
    { hint: `${dumpAgain}, without that option.${remedy}` },
  );
}

/** `--fields-escaped-by='"'`: NULL is an unbalanced quote. */
export function escapedByQuote(fileName: string, sign: string): ImportError {
  return new ImportError(
    'undecodable',
    `${fileName}: ${sign}: a dump escaped by its own quote (--fields-escaped-by='"') can't be decoded`,
    { hint: `${dumpAgain}, without that option.` },
  );
}

/** `mysql --batch --raw`: tabs and newlines of the data can't be told from separators. */
export function rawBatch(fileName: string, reading: Reading): ImportError {
  const fields = reading.misfit?.fields;
  const sign =
    fields === undefined
      ? 'it has backslashes as mysql --batch does not write them'
      : `line ${reading.misfit?.line} has ${fields} fields, the header ${reading.first?.length}`;
  return new ImportError(
    'undecodable',
    `${fileName}: ${sign}: a dump by mysql --batch --raw looks like this, and it can't be decoded`,
    { hint: 'Dump it with mysql --batch --quick, without --raw. If it is no MySQL dump, say so with --format csv.' },
  );
}

/** What Windows PowerShell's `>` makes of a dump. MySQL writes no NUL byte, so a table's bytes can't look like it. */
export function refuseUtf16(bytes: Buffer, fileName: string): void {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe && bytes[3] === 0;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff && bytes[2] === 0;
  // Some write no byte order mark, and then half of the bytes of a header are NUL.
  const start = bytes.toString('latin1', 0, 8);
  const isUnmarked = /^(?:[^\0]\0){4}$/.test(start) || /^(?:\0[^\0]){4}$/.test(start);
  if (!isLittle && !isBig && !isUnmarked) return;
  throw new ImportError('undecodable', `${fileName}: it is UTF-16, as Windows PowerShell's > writes it`, {
    hint: 'Dump it with a shell that leaves bytes alone (cmd.exe), or, where no column is binary, convert it: iconv -f UTF-16 -t UTF-8',
  });
}

/** mysqldump without `--tab` writes statements, and the `.sql` beside a `.txt` holds no rows. */
export function refuseStatements(sample: Buffer, fileName: string): void {
  const start = sample.toString('latin1', 0, 200).trimStart();
  if (!/^(?:-- (?:MySQL|MariaDB) dump |\/\*M?!\d|(?:CREATE|DROP|LOCK) TABLES? |(?:INSERT|REPLACE) INTO )/.test(start))
    return;
  throw new ImportError('undecodable', `${fileName}: it holds SQL statements, as mysqldump writes without --tab`, {
    hint: `${dumpAgain}. With --tab the rows are in the .txt beside the .sql.`,
  });
}

/** The server writes text as it stores it, and UTF-16 of ASCII would pass for UTF-8 with NUL bytes in it. */
export function refuseWideText(
  fileName: string,
  columns: readonly TableColumn[] = [],
  types: Readonly<Record<string, unknown>> = {},
): void {
  const isWide = ({ name, characterSet }: TableColumn) =>
    /^(ucs2|utf16|utf16le|utf32)$/.test(characterSet ?? '') && !Object.hasOwn(types, name);
  const wide = columns.find(isWide);
  if (wide === undefined) return;
  throw new ImportError(
    'undecodable',
    `${fileName}: column "${wide.name}" has the character set ${wide.characterSet}`,
    {
      hint: `Dump it with mysql --batch --quick --default-character-set=utf8mb4, or, if it was converted to UTF-8, say --types ${wide.name}=S.`,
    },
  );
}

/** `--null` names another text than the server writes. */
export function otherNull(fileName: string): ImportError {
  return new ImportError('usage', `${fileName}: --null: in the text that the server writes NULL is \\N`, {
    hint: 'Leave --null out. For what `mysql --batch --skip-column-names` wrote: --format mysql --null NULL --no-header',
  });
}

/** Refuses a dump, not all of whose rows can be read, where its text shows why. */
export function refuseBySigns(fileName: string, sample: Buffer, separators: Iterable<readonly [string, string]>): void {
  const text = sample.toString('latin1');
  for (const [delimiter, quote] of separators) {
    if (holdsField(text, delimiter, `${quote}N`)) throw escapedByQuote(fileName, `NULL is written ${quote}N`);
    const isEnclosed = text.includes(`${quote}${delimiter}${quote}`);
    if (isEnclosed && holdsField(text, delimiter, 'NULL')) {
      throw notEscaped(fileName, 'NULL is a word among quoted fields', delimiter === '\t' ? ifBatch : '');
    }
  }
}

function holdsField(text: string, delimiter: string, field: string): boolean {
  const [separator, value] = [delimiter, field].map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`(?:^|${separator})${value}(?=${separator}|\\r?$)`, 'm').test(text);
}

/** No reading has as many fields in most rows as the table has columns. */
export function doesNotFit(fileName: string, readings: readonly Reading[]): ImportError {
  const closest = readings.reduce((best, reading) => (reading.fitting > best.fitting ? reading : best));
  const columns = closest.layout?.names.length;
  const bits = closest.layout?.columns?.filter((column) => column.bits !== undefined) ?? [];
  const row = closest.misfit === undefined ? 'the first rows' : `the row on line ${closest.misfit.line}`;
  const count = closest.misfit?.fields;
  const shape = count === columns ? 'has other texts where numbers and dates belong' : `has ${count} fields`;
  const found = count === undefined ? "can't be decoded" : shape;
  const expected = columns === undefined ? 'rows of equal length' : `the table's ${columns} columns`;
  const hints = [
    'Check that --schema is the table that was dumped, or name its separators with --delimiter, --quote and --escape.',
    `${dumpAgain}.`,
    ...(bits.length === 0
      ? []
      : [
          `BIT columns are written raw: export ${bits.map(({ name }) => `\`${name}\`+0`)}, and say so: --types ${bits.map(({ name }) => `${name}=N`)}.`,
        ]),
  ];
  return new ImportError(
    'undecodable',
    `${fileName}: no way to read it gives ${expected}: ${row}, separated by ${charName(closest.settings.fieldTerminator)}, ${found}`,
    { hint: hints.join(' ') },
  );
}

/** Two readings fit and differ in what they make of the rows. */
export function ambiguous(fileName: string, [one, other]: readonly Reading[]): ImportError {
  const flags = (reading: Reading) => {
    const { fieldTerminator, enclosure } = reading.settings;
    return `--delimiter ${charName(fieldTerminator)} --quote ${enclosure === undefined ? 'none' : `'${enclosure}'`}`;
  };
  return new ImportError('usage', `${fileName} can be read in two ways`, {
    hint: `Say which is right: ${flags(one!)}, or ${flags(other!)}.`,
  });
}

/** As the command line takes it. */
export function charName(char: string): string {
  if (char === '\t') return "'\\t'";
  return char === "'" ? `"'"` : `'${char}'`;
}
