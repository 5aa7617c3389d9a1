import { ImportError } from '../../domain/import-error.ts';
import { csvQuestions } from '../csv/csv-reading.ts';
import { findColumn } from '../mysql/definition/table-definition.ts';
import { askAboutLineEnd, columnQuestions, mysqlQuestions } from '../mysql/mysql-questions.ts';
import { refuseTwins } from '../mysql/mysql-reading.ts';
import type { UnreadSource } from '../reading-flags.ts';
import { refuseUnsupportedBytes, refuseUnsupportedText } from '../unsupported-formats.ts';
import { possibleReadings, type Reading, recogniseFormat } from './possible-readings.ts';
import { checkSample, type SampleCheck } from './sample.ts';
import { suggestedFlags } from './suggest-flags.ts';

/**
 * Decides how the source is read, from flags, schema, name and documented defaults, and checks the beginning of the first
 * file against it (256 KiB are ample). Throws ImportError `usage` if a flag must decide or no row fits, and `undecodable`
 * for what cannot be read.
 */
export function detectReading(bytes: Buffer, source: UnreadSource): Reading {
  refuseUnsupportedBytes(bytes, source.fileName);
  const sample = bytes.indexOf(byteOrderMark) === 0 ? bytes.subarray(byteOrderMark.length) : bytes;
  const format = recogniseFormat(sample, source);
  if (format.format !== 'sql') refuseUnsupportedText(sample, source.fileName);
  const readings = possibleReadings(format, sample, source);
  const checks = readings.map((reading) => checkSample(sample, reading, source));
  return accept(checks, sample, source);
}

const byteOrderMark = Buffer.from('\ufeff');

/** The reading that rows fit. Of several sets of columns of a dump without a header, the one with as many fields. */
function accept(checks: readonly SampleCheck[], sample: Buffer, source: UnreadSource): Reading {
  const [first] = checks;
  const maxRowBytes = sample.length + 1;
  const { fileName, flags } = source;
  if (isHardlyHeader(first!.reading, source)) throw doesNotFit(first!, sample, source);
  if (first!.reading.dialect === 'csv') {
    csvQuestions(sample, { ...first!.reading.settings, maxRowBytes }, fileName, flags.format === 'csv');
  }
  const hasRows = checks.some(({ rows }) => rows > 0);
  const chosen = hasRows ? checks.find(({ fitting }) => fitting > 0) : first;
  if (chosen === undefined) {
    const { dialect, settings } = first!.reading;
    if (dialect === 'mysql') columnQuestions(sample, { ...settings, maxRowBytes }, source);
    throw doesNotFit(first!, sample, source);
  }
  const { reading } = chosen;
  if (reading.dialect === 'csv') {
    if (source.definition !== undefined)
      askAboutLineEnd({ lineTerminator: '\n', columns: reading.layout?.columns }, chosen, source, 'csv');
    return reading;
  }
  if (reading.dialect === 'sql') return reading;
  refuseUnendedRows(chosen, sample, source);
  const layouts = checks.flatMap((check) => check.reading.layout ?? []);
  if (hasRows && reading.layout !== undefined) refuseTwins(layouts, reading.layout);
  mysqlQuestions(sample, { ...reading.settings, maxRowBytes }, chosen, source);
  return reading;
}

/** Refuses a file in which no row ends as specified, because it would be read as one row. */
function refuseUnendedRows({ rows, reading }: SampleCheck, sample: Buffer, source: UnreadSource): void {
  const isUnended = rows === 0 && source.isWhole && sample.length > 0 && reading.dialect === 'mysql';
  if (!isUnended || reading.settings.header || suggestedFlags(sample, source).length === 0) return;
  throw new ImportError('usage', `${source.fileName}: no row ends as its format (${reading.reason}) says`, {
    hint: suggestion('mysql', sample, source),
  });
}

/** Whether a header is one field that contains another separator, or names no column of the table. */
function isHardlyHeader({ layout, dialect, settings }: Reading, { flags, definition }: UnreadSource): boolean {
  if (dialect !== 'csv' || !settings.header || flags.header !== undefined || flags.columns !== undefined) return false;
  const names = layout?.names ?? [];
  if (names.length === 1 && flags.delimiter === undefined && /[;\t|]/.test(names[0]!)) return true;
  return definition !== undefined && !names.some((name) => findColumn(definition, name) !== undefined);
}

function doesNotFit({ reading, misfit }: SampleCheck, sample: Buffer, source: UnreadSource): ImportError {
  const found =
    misfit === undefined ? 'its first row does not name the columns' : `line ${misfit.line}: ${misfit.fault.message}`;
  // Text in parentheses guesses at a value, and guesses wrong with the wrong separator or schema.
  const isKnown = misfit?.fault.message.replace(/\([^)]*\)/g, '').includes('--');
  const format = isKnown ? 'known' : reading.dialect;
  return new ImportError('usage', `${source.fileName} does not fit its format (${reading.reason}): ${found}`, {
    hint: suggestion(format, sample, source),
  });
}

/** A suggestion only: the operator decides. `format`: `known` if the message names a remedy. */
function suggestion(format: keyof typeof options, sample: Buffer, source: UnreadSource): string {
  const suggested = suggestedFlags(sample, source);
  const [only, second] = suggested.map((flags) => flags.join(' '));
  if (only !== undefined && second === undefined) {
    return `Every row of the sample fits ${only}. If that is how it was written, run: ${source.commandWith(suggested[0]!)}`;
  }
  if (only === undefined && format === 'known') return options.known;
  if (only === undefined) return `None of the usual formats fits every row. ${options[format]}`;
  return `More than one of the usual formats fits every row (${suggested.map((flags) => flags.join(' ')).join(', or ')}). ${options[format]}`;
}

const options = {
  csv: 'Pass the options that it was written with, such as --delimiter, --columns if its first row is data, or --schema for a dump of MySQL.',
  mysql: 'Pass the options that it was made with, such as --fields-terminated-by, or the right --schema.',
  sql: 'Pass the .sql file that creates the table with --schema, or dump the table again.',
  known: 'Follow the message, or pass the options that the file was made with, or the right --schema.',
};
