import { pipeFrom, shellWord } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { RowFault } from '../../domain/row.ts';
import { rowCheck } from '../columns/declared-type.ts';
import { csvQuestions } from '../csv/csv.ts';
import { eachRow, firstRow } from '../framed-rows.ts';
import { findColumn } from '../mysql/definition/table-definition.ts';
import { askAboutLineEnd, columnQuestions, mysqlQuestions } from '../mysql/mysql-questions.ts';
import { refuseTwins } from '../mysql/mysql-reading.ts';
import { QuotedTexts, type Quoting } from '../mysql/mysql-sample.ts';
import { flagOf, type ReadingFlags, type UnreadSource } from '../reading-flags.ts';
import { aboutMark, byteOrderMark, refuseUnsupportedBytes, refuseUnsupportedText } from '../unsupported-formats.ts';
import {
  askAboutHeader,
  csvName,
  dialectOf,
  possibleReadings,
  type Reading,
  recogniseFormat,
  writtenBy,
} from './possible-readings.ts';

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
  const reading = accept(checks, sample, source);
  if (reading.dialect !== 'mysql' || reading.settings.header) return reading;
  const dialect = dialectOf(reading, sample.length);
  if (sample !== bytes && dialect.byteOrderMark === 'refused') throw withMark(source.fileName);
  askAboutHeader(firstRow(dialect, sample), reading.layout, source);
  return reading;
}

function withMark(fileName: string): ImportError {
  const pipe = pipeFrom(fileName);
  const unmark = pipe === undefined ? `tail -c +4 ${shellWord(fileName)}` : `${pipe} | tail -c +4`;
  return new ImportError('usage', `${fileName}: ${aboutMark}`, {
    hint: `Remove it, and pass the same options and --schema: ${unmark} | import-tokens -`,
  });
}

/** How the rows of a sample fit a reading. Blank lines are ignored. */
type SampleCheck = {
  readonly reading: Reading;
  readonly rows: number;
  readonly fitting: number;
  /** The first row that does not fit. */
  readonly misfit: Misfit | undefined;
  /** The first row whose fields cannot be separated, or are too many or too few. */
  readonly misshapen: Misfit | undefined;
  /** The two characters with which every row begins; empty if rows differ. */
  readonly firstCharacters: string;
  /** The character, other than a letter or digit, with which the last field of every row ends; empty if there is none. */
  readonly lastCharacter: string;
  readonly quoting: Quoting;
  /** The rows in this reading, to compare readings. */
  readonly digest: string;
};

type Misfit = { readonly line: number; readonly fault: RowFault };

function checkSample(sample: Buffer, reading: Reading, { flags, isWhole }: UnreadSource): SampleCheck {
  const dialect = dialectOf(reading, sample.length);
  const { types = {}, omit = [] } = flags;
  const declared = reading.dialect === 'mysql' ? reading.settings.columns : reading.layout?.columns;
  const columns = reading.layout?.names.map((_, i) => declared?.[i]);
  const isTold = (name: string) => Object.hasOwn(types, name);
  const binary =
    reading.layout?.names.map((name, i) => (isTold(name) ? types[name] === 'B' : columns![i]?.binary)) ?? [];
  const decoder = dialect.decoder(binary.map((isBinary) => isBinary === true));
  const check = columns === undefined ? () => undefined : rowCheck(columns, writtenBy(reading), types, omit);
  const quoting = new QuotedTexts(reading.layout?.names ?? [], declared, isTold);
  const digest: string[] = [];
  let [rows, fitting] = [0, 0];
  const firstCharacters = new Set<string>();
  const lastCharacters = new Set<string>();
  let misfit: Misfit | undefined;
  let misshapen: Misfit | undefined;
  eachRow(dialect, sample, isWhole, (framed, i, line) => {
    rows++;
    const start = framed.starts[i]!;
    const end = framed.ends[i]!;
    firstCharacters.add(framed.buffer.toString('latin1', start, Math.min(start + 2, end)));
    lastCharacters.add(framed.buffer.toString('latin1', Math.max(start, end - 1), end));
    const fault = decoder.decode(framed, i) ?? check(decoder.fields);
    if (fault !== undefined) {
      misfit ??= { line, fault };
      if (fault.code === 'ragged-row' || fault.code === 'undecodable') misshapen ??= { line, fault };
    } else {
      fitting++;
      quoting.countTexts(decoder.fields);
      digest.push(JSON.stringify(decoder.fields));
    }
  });
  const [first = '', ...otherFirst] = firstCharacters;
  const [last = '', ...otherLast] = lastCharacters;
  return {
    reading,
    rows,
    fitting,
    misfit,
    misshapen,
    firstCharacters: otherFirst.length === 0 ? first : '',
    lastCharacter: otherLast.length === 0 && /[^\w\s\x80-\xff]|\r/.test(last) ? last : '',
    quoting,
    digest: digest.join('\n'),
  };
}

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
  const isKnown = /--|iconv/.test(misfit?.fault.message.replace(/\([^)]*\)/g, '') ?? '');
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
  known: 'Do as the message says, or pass the options that the file was made with, or the right --schema.',
};

/** Command-line flags for each different way in which one of the usual formats fits every row of the sample. */
function suggestedFlags(sample: Buffer, source: UnreadSource): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  for (const flags of usualFormats(source)) {
    const digest = fittingDigest(sample, { ...source, flags: { ...kept(source.flags), ...flags } });
    // An optional enclosure, one around every field, and CSV may read the sample alike: the first is the most likely.
    const way = `${flags.format} ${digest}`;
    if (digest !== undefined && !found.has(way)) found.set(way, typed(flags));
  }
  return [...found.values()];
}

/** Most likely first. */
function usualFormats(source: UnreadSource): readonly ReadingFlags[] {
  const { definition, flags, path } = source;
  const isNamedCsv = path !== undefined && csvName.test(path);
  const client: ReadingFlags = { format: 'mysql-batch' };
  const csv: readonly ReadingFlags[] = [{ format: 'csv' }, ...[';', '\t', '|'].map((delimiter) => ({ delimiter }))];
  if (definition === undefined && flags.columns === undefined) return [client, ...csv];
  const mysql = [...serverFormats(), { format: 'mysql-batch', header: false } as const, client];
  const isLikelyCsv = definition === undefined || isNamedCsv;
  if (isLikelyCsv && flags.format === undefined && !isOfServer(flags)) return [...csv, ...mysql];
  // Only other programs write bytes as base64.
  const areBytes = definition?.columns.some(({ binary, name }) => binary && !Object.hasOwn(flags.types ?? {}, name));
  return areBytes && !isNamedCsv ? mysql : [...mysql, ...csv];
}

function isOfServer(flags: ReadingFlags): boolean {
  return Object.entries(flags).some(([name, value]) => value !== undefined && /^(fields|lines|default)/.test(name));
}

function* serverFormats(): Generator<ReadingFlags> {
  for (const linesTerminatedBy of [undefined, '\r\n']) {
    yield { format: 'mysql', linesTerminatedBy };
    for (const fieldsTerminatedBy of [',', ';', '|', '\t']) {
      const text = { fieldsTerminatedBy, linesTerminatedBy };
      yield { ...text, fieldsEnclosedBy: '"' };
      yield { ...text, fieldsOptionallyEnclosedBy: '"' };
      if (fieldsTerminatedBy !== '\t') yield text;
    }
  }
}

/** The flags that do not concern separators, and so stay in the command. */
function kept({ columns, types, omit, null: nullText, defaultCharacterSet }: ReadingFlags): ReadingFlags {
  const told = { ...(types !== undefined && { types }), ...(omit !== undefined && { omit }) };
  return { columns, null: nullText, defaultCharacterSet, ...told };
}

/** Undefined if a row does not fit. */
function fittingDigest(sample: Buffer, source: UnreadSource): string | undefined {
  try {
    const readings = possibleReadings(recogniseFormat(sample, source), sample, source);
    const check = readings.map((reading) => checkSample(sample, reading, source)).find(fitsEveryRow);
    return check?.digest;
  } catch (error) {
    if (error instanceof ImportError) return undefined;
    throw error;
  }
}

function fitsEveryRow({ rows, fitting, lastCharacter, quoting, reading }: SampleCheck): boolean {
  const isUnquoted = quoting.quotes === '' || reading.dialect === 'csv';
  return rows > 0 && fitting === rows && lastCharacter !== '\r' && isUnquoted && namesFit(reading);
}

/** A row of one field fits any separator, and names that the table lacks are probably a row. */
function namesFit({ dialect, layout, settings }: Reading): boolean {
  if (dialect === 'sql') return true;
  const { names, columns } = layout ?? { names: [], columns: undefined };
  if (!settings.header) return names.length > 1 || columns !== undefined;
  if (columns !== undefined) return columns.every(({ sqlType }) => sqlType !== '');
  return names.length > 1 && names.every((name) => /^[\p{L}_][\p{L}\p{N}_ .+-]*$/u.test(name));
}

function typed(flags: ReadingFlags): readonly string[] {
  return Object.entries(flags).flatMap(([name, value]): string[] => {
    if (value === undefined) return [];
    if (value === false) return [`--no-${name}`];
    const text = String(value).replaceAll('\t', '\\t').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
    return [flagOf(name), shellWord(text)];
  });
}
