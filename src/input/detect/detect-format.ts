import type { ColumnType } from '../../domain/column.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { CsvSettings } from '../csv/csv.ts';
import { refuseForeignBytes, refuseForeignFormat } from '../foreign-formats.ts';
import { type MysqlSettings, mysqlDefaults } from '../mysql/mysql.ts';
import type { TableDefinition } from '../mysql/table-definition.ts';
import { readBatch } from './detect-format-batch.ts';
import { withToldBits } from './detect-format-bits.ts';
import { fittingOutfileReadings, readOutfile } from './detect-format-outfile.ts';
import type { Reading } from './detect-format-readings.ts';
import { charName, escapedByQuote, notEscaped, otherNull, refuseWideText } from './detect-format-refusals.ts';

/** What the operator said; undefined where nothing. A `quote` or `escape` of '' is none. */
export type FormatFlags = {
  readonly format: 'csv' | 'mysql' | 'auto';
  readonly delimiter: string | undefined;
  readonly quote: string | undefined;
  readonly escape: string | undefined;
  readonly null: string | undefined;
  readonly header: boolean | undefined;
  readonly columns: readonly string[] | undefined;
  /** What a BIT column is said to hold tells how it was dumped. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  readonly omit?: readonly string[];
};

export type FormatFacts = {
  /** For messages, and for its ending. */
  readonly fileName: string;
  readonly definition: TableDefinition | undefined;
  readonly flags: FormatFlags;
};

/** How to read the source, and why: `reason` is a clause for the operator. */
export type DetectedFormat = { readonly reason: string } & (
  | { readonly dialect: 'csv'; readonly settings: Omit<CsvSettings, 'maxRowBytes'> }
  | { readonly dialect: 'mysql'; readonly settings: Omit<MysqlSettings, 'maxRowBytes'> }
);

/**
 * Finds out how the first file is written from its first bytes (256 KiB are ample). Throws ImportError: `usage` where two
 * readings fit and a flag has to say which is right; `undecodable` for dumps that can't be read, naming how they were made.
 */
export function detectFormat(bytes: Buffer, given: FormatFacts): DetectedFormat {
  // Rows of a CSV that is told to be one may begin with a statement.
  const refuse = given.flags.format === 'csv' ? refuseForeignBytes : refuseForeignFormat;
  refuse(bytes, given.fileName);
  const facts = { ...given, definition: withToldBits(given.definition, given.flags.types) };
  const sample = bytes.indexOf(byteOrderMark) === 0 ? bytes.subarray(byteOrderMark.length) : bytes;
  const { flags, definition, fileName } = facts;
  if (flags.format === 'csv') return csv(sample, facts, 'as --format csv says');
  const isNamedCsv = /\.(csv|tsv)(\.\w+)?$/i.test(fileName);
  const doubles = flags.escape !== undefined && (flags.escape === '' || flags.escape === (flags.quote ?? '"'));
  if (flags.format === 'auto' && doubles && (isNamedCsv || definition === undefined)) {
    return csv(sample, facts, 'as --escape says');
  }
  if (doubles) throw undecodableEscape(facts);
  const batch = readBatch(sample, facts);
  if (batch !== undefined) return mysql(batch, facts, batchReason(batch, facts));
  if (flags.format === 'auto' && (isNamedCsv || definition === undefined))
    return csvOrOutfile(sample, facts, isNamedCsv);
  if (!sample.includes('\n')) return mysqlUnseen(facts);
  if (flags.null !== undefined && flags.null !== '\\N') throw otherNull(fileName);
  const reading = readOutfile(sample, facts);
  if (flags.format === 'auto' && isCsvWithHeader(reading)) return csv(sample, facts, 'its header names the columns');
  return mysql(reading, facts, outfileReason(reading, facts));
}

const byteOrderMark = Buffer.from('\ufeff');

/** A name or an unknown table speaks for CSV; only a NULL as MySQL writes it speaks against it. */
function csvOrOutfile(sample: Buffer, facts: FormatFacts, isNamedCsv: boolean): DetectedFormat {
  const { flags, definition, fileName } = facts;
  const reason = isNamedCsv ? 'as its name says' : 'nothing in it speaks for MySQL';
  if (flags.null !== undefined) return csv(sample, facts, 'as --null says');
  const [likeliest] = fittingOutfileReadings(sample, facts);
  if (likeliest === undefined) return csv(sample, facts, reason);
  const { nulls, escapes, foreignEscapes, misfit, settings } = likeliest;
  const escapedQuotes = settings.enclosure !== undefined && escapes > 0 && foreignEscapes === 0 && misfit === undefined;
  if (nulls === 0 && !(escapedQuotes && flags.escape === undefined)) return csv(sample, facts, reason);
  if (nulls === 0 || (isNamedCsv && definition === undefined)) {
    throw new ImportError('usage', `${fileName} can be read as CSV and as MySQL's text`, {
      hint: "Say which is right: --format mysql, or --format csv --null '\\N'.",
    });
  }
  const reading = readOutfile(sample, facts);
  return mysql(reading, facts, outfileReason(reading, facts));
}

function csv(sample: Buffer, { flags, fileName }: FormatFacts, why: string): DetectedFormat {
  const quote = flags.quote ?? '"';
  const delimiter = flags.delimiter ?? csvDelimiter(sample, fileName);
  return {
    dialect: 'csv',
    settings: {
      delimiter,
      quote,
      escape: flags.escape ?? quote,
      nullText: flags.null,
      escapeTold: flags.escape !== undefined,
      nullTold: flags.null !== undefined,
      header: flags.header ?? true,
      ...(flags.columns !== undefined && { headerNames: flags.columns }),
    },
    reason: `CSV separated by ${charName(delimiter)}, ${why}`,
  };
}

/** A comma, unless the name or a first line without one says otherwise. */
function csvDelimiter(sample: Buffer, fileName: string): string {
  const end = sample.indexOf('\n');
  const firstLine = sample.toString('latin1', 0, end === -1 ? sample.length : end);
  if (/\.tsv(\.\w+)?$/i.test(fileName) && firstLine.includes('\t')) return '\t';
  const others = ['\t', ';', '|'].filter((char) => firstLine.includes(char));
  return !firstLine.includes(',') && others.length === 1 ? others[0]! : ',';
}

function isCsvWithHeader({ header, settings, nulls, escapes }: Reading): boolean {
  return header && settings.fieldTerminator !== '\t' && nulls === 0 && escapes === 0;
}

function mysql(
  { settings, header, layout }: Reading,
  { flags, fileName }: FormatFacts,
  reason: string,
): DetectedFormat {
  const isNamed = header || flags.header === true || layout !== undefined;
  if (!isNamed) {
    throw new ImportError('schema-invalid', `${fileName}: it is MySQL's text, and nothing names its columns`, {
      hint: 'Name the .sql file beside the dump with --schema, or its columns with --columns a,b,...',
    });
  }
  if (!settings.batch) refuseWideText(fileName, settings.columns, flags.types);
  const names = layout !== undefined && layout.columns === undefined ? { names: layout.names } : {};
  const { maxRowBytes: _, ...text } = settings;
  const nullText = flags.null === undefined || flags.null === 'NULL' ? 'null' : 'text';
  return { dialect: 'mysql', settings: { ...text, nullText, header: flags.header ?? header, ...names }, reason };
}

/** No row ends in the sample, so there is nothing to judge by. */
function mysqlUnseen({ definition, flags }: FormatFacts): DetectedFormat {
  const { maxRowBytes: _, ...defaults } = mysqlDefaults;
  return {
    dialect: 'mysql',
    settings: {
      ...defaults,
      fieldTerminator: flags.delimiter ?? defaults.fieldTerminator,
      enclosure: flags.quote || undefined,
      optionallyEnclosed: Boolean(flags.quote),
      escape: flags.escape ?? defaults.escape,
      header: flags.header ?? false,
      columns: flags.columns === undefined ? definition?.columns : undefined,
    },
    reason: "MySQL's text as mysqldump --tab writes it, for want of a whole row to look at",
  };
}

function batchReason({ first, header }: Reading, { definition, flags }: FormatFacts): string {
  const names = definition === undefined ? `${first?.length} columns` : `columns of table "${definition.name}"`;
  const why = header ? `its first line names ${names}` : 'as --null NULL without a header says';
  const nulls = flags.null === undefined ? '; the word NULL is read as NULL (--null none: as text)' : '';
  return `MySQL's text as mysql --batch writes it: ${why}${nulls}`;
}

function outfileReason({ settings, layout, first }: Reading, { definition }: FormatFacts): string {
  const count = layout?.names.length ?? first?.length;
  const columns =
    layout?.columns === undefined ? `${count} fields` : `the ${count} columns of table "${definition?.name}"`;
  const { fieldTerminator, enclosure, optionallyEnclosed } = settings;
  const quotes =
    enclosure === undefined ? '' : `, ${optionallyEnclosed ? 'texts ' : ''}enclosed by ${charName(enclosure)}`;
  return `MySQL's text as mysqldump --tab writes it: rows have ${columns}, separated by ${charName(fieldTerminator)}${quotes}`;
}

function undecodableEscape({ fileName, flags }: FormatFacts): ImportError {
  return flags.escape === ''
    ? notEscaped(fileName, '--escape says that nothing is escaped')
    : escapedByQuote(fileName, '--escape names the quote');
}
