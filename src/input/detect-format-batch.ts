import type { FormatFacts } from './detect-format.ts';
import { askAboutBits, untoldBits, withNumbers } from './detect-format-bits.ts';
import { type Layout, possibleLayouts, selectedColumns } from './detect-format-layouts.ts';
import { fits, type Reading, readSample } from './detect-format-readings.ts';
import { rawBatch } from './detect-format-refusals.ts';

/**
 * The sample as `mysql --batch` writes it, or undefined where it is something else. Throws ImportError for
 * `mysql --batch --raw`.
 */
export function readBatch(sample: Buffer, facts: FormatFacts): Reading | undefined {
  const { flags } = facts;
  if ((flags.delimiter ?? '\t') !== '\t' || (flags.escape ?? '\\') !== '\\' || flags.quote) return undefined;
  if (flags.header === false) return readWithoutHeader(sample, facts);
  const layout = headerLayout(sample, facts);
  if (layout === undefined) return undefined;
  const bits = untoldBits(facts);
  if (bits !== undefined) {
    const asNumbers = headerLayout(sample, withNumbers(facts, bits));
    askAboutBits(facts.fileName, readSample(sample, { batch: true, header: true }, asNumbers), bits);
  }
  const reading = readSample(sample, { batch: true, header: true }, layout);
  const isClean = reading.misfit === undefined && reading.foreignEscapes === 0;
  if (isClean) return layout.columns !== undefined || isMysql(reading, facts) ? reading : undefined;
  // A header put before the server's own text by hand: NULL is \N there.
  const outfile = readSample(sample, { header: true }, layout);
  if (fits(outfile) && outfile.nulls > 0) return undefined;
  if (layout.columns === undefined && !isMysql(reading, facts)) return undefined;
  throw rawBatch(facts.fileName, reading);
}

/** `mysql --batch --skip-column-names`, which nothing but a flag tells from a dump without escapes. */
function readWithoutHeader(sample: Buffer, { definition, flags }: FormatFacts): Reading | undefined {
  if (flags.format !== 'mysql' || flags.null !== 'NULL') return undefined;
  const readings = possibleLayouts(definition, flags.columns).map((layout) =>
    readSample(sample, { batch: true }, layout),
  );
  return readings.find(fits);
}

/** The first line's names: those of the table's columns, or, where there is no table definition, two or more names. */
function headerLayout(sample: Buffer, { definition }: FormatFacts): Layout | undefined {
  const end = sample.indexOf('\n');
  const names = sample.toString('utf8', 0, end === -1 ? 0 : end).split('\t');
  if (new Set(names).size < names.length || names.includes('')) return undefined;
  const columns = selectedColumns(definition, names);
  if (columns === undefined && (definition !== undefined || names.length < 2)) return undefined;
  return { names, columns };
}

/** Whether anything but the flag speaks for MySQL: NULLs, or backslashes. */
function isMysql(reading: Reading, { flags }: FormatFacts): boolean {
  return flags.format === 'mysql' || reading.nulls > 0 || (reading.escapes > 0 && reading.foreignEscapes === 0);
}
