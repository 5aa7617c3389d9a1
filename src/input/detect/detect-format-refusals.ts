import { ImportError } from '../../domain/import-error.ts';
import { dumpAgain } from '../foreign-text.ts';
import type { TableColumn } from '../mysql/table-definition.ts';
import type { Reading } from './detect-format-readings.ts';

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
