import { shellWord } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { flagOf, type ReadingFlags, type UnreadSource } from '../reading-flags.ts';
import { csvName, possibleReadings, type Reading, recogniseFormat } from './possible-readings.ts';
import { checkSample, type SampleCheck } from './sample.ts';

/** Command-line flags for each different way in which one of the usual formats fits every row of the sample. */
export function suggestedFlags(sample: Buffer, source: UnreadSource): readonly (readonly string[])[] {
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
