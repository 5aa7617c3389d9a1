import { ImportError } from '../../domain/import-error.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { flagOf, type ReadingFlags } from '../reading-flags.ts';
import { possibleReadings, type Reading } from './possible-readings.ts';
import { type ReadingFacts, recogniseFormat } from './recognise-format.ts';
import { checkSample, type SampleCheck } from './sample.ts';

/** Flags as they are typed, for each different way in which one of the usual formats fits every row of the sample. */
export function suggestedFlags(sample: Buffer, facts: ReadingFacts): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  for (const flags of usualFormats(facts)) {
    const digest = fittingDigest(sample, { ...facts, flags: { ...kept(facts.flags), ...flags } });
    // An optional enclosure and one around every field can read the sample alike, and then all rows.
    const way = `${flags.format ?? flags.linesTerminatedBy} ${digest}`;
    if (digest !== undefined && !found.has(way)) found.set(way, typed(flags));
  }
  return [...found.values()];
}

function* usualFormats({ definition, flags }: ReadingFacts): Generator<ReadingFlags> {
  if (definition !== undefined || flags.columns !== undefined) {
    for (const linesTerminatedBy of [undefined, '\r\n']) {
      yield { format: 'mysql', linesTerminatedBy };
      for (const fieldsTerminatedBy of [',', ';', '|', '\t']) {
        const text = { fieldsTerminatedBy, linesTerminatedBy };
        yield { ...text, fieldsEnclosedBy: '"' };
        yield { ...text, fieldsOptionallyEnclosedBy: '"' };
        if (fieldsTerminatedBy !== '\t') yield text;
      }
    }
    yield { format: 'mysql-batch', header: false };
  }
  yield { format: 'mysql-batch' };
  yield { format: 'csv' };
  for (const delimiter of [';', '\t', '|']) yield { delimiter };
}

/** What says nothing of separators, and so stays in the command. */
function kept({ columns, types, omit, null: nullText, defaultCharacterSet }: ReadingFlags): ReadingFlags {
  const told = { ...(types !== undefined && { types }), ...(omit !== undefined && { omit }) };
  return { columns, null: nullText, defaultCharacterSet, ...told };
}

/** Undefined where a row does not fit. */
function fittingDigest(sample: Buffer, facts: ReadingFacts): string | undefined {
  try {
    const readings = possibleReadings(recogniseFormat(sample, facts), sample, facts);
    const check = readings.map((reading) => checkSample(sample, reading, facts)).find(fitsEveryRow);
    return check?.digest;
  } catch (error) {
    if (error instanceof ImportError) return undefined;
    throw error;
  }
}

function fitsEveryRow({ rows, fitting, lastCharacter, quoted, reading }: SampleCheck): boolean {
  const isUnquoted = quoted === 0 || reading.dialect === 'csv';
  return rows > 0 && fitting === rows && lastCharacter !== '\r' && isUnquoted && namesFit(reading);
}

/** A row of one field fits any separator; names that the table lacks are likely a row. */
function namesFit({ layout, settings }: Reading): boolean {
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
