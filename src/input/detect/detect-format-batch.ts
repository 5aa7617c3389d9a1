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
  const header = { header: true, lineTerminator: lineTerminator(firstLine(sample)) };
  const bits = untoldBits(facts);
  if (bits !== undefined) {
    const asNumbers = headerLayout(sample, withNumbers(facts, bits));
    askAboutBits(facts.fileName, readSample(sample, { batch: true, ...header }, asNumbers), bits);
  }
  const reading = readSample(sample, { batch: true, ...header }, layout);
  const isClean = reading.misfit === undefined && reading.foreignEscapes === 0;
  if (isClean) return layout.columns !== undefined || isMysql(reading, facts) ? reading : undefined;
  // A header put before the server's own text by hand: NULL is \N there.
  const outfile = readSample(sample, header, layout);
  if (fits(outfile) && outfile.nulls > 0) return undefined;
  if (layout.columns === undefined && !isMysql(reading, facts)) return undefined;
  throw rawBatch(facts.fileName, reading);
}

/** `mysql --batch --skip-column-names`, which nothing but a flag tells from a dump without escapes. */
function readWithoutHeader(sample: Buffer, { definition, flags }: FormatFacts): Reading | undefined {
  if (flags.format !== 'mysql' || flags.null !== 'NULL') return undefined;
  const lines = sample.toString('latin1').split('\n').slice(0, -1);
  const everyLine = lines.every((line) => lineTerminator(line) === '\r\n') ? '\r\n' : '\n';
  const readings = possibleLayouts(definition, flags.columns).map((layout) =>
    readSample(sample, { batch: true, lineTerminator: everyLine }, layout),
  );
  return readings.find(fits);
}

/** Without its line feed; empty where it has none. */
function firstLine(sample: Buffer): string {
  return sample.toString('utf8', 0, Math.max(0, sample.indexOf('\n')));
}

/** The client for Windows ends lines with CR LF; a line feed that is data is a letter behind a backslash. */
function lineTerminator(line: string): '\n' | '\r\n' {
  return line.endsWith('\r') ? '\r\n' : '\n';
}

/** The first line's names: those of the table's columns, or, where there is no table definition, two or more names. */
function headerLayout(sample: Buffer, { definition }: FormatFacts): Layout | undefined {
  const names = firstLine(sample).replace(/\r$/, '').split('\t');
  if (new Set(names).size < names.length || names.includes('')) return undefined;
  const columns = selectedColumns(definition, names);
  if (columns === undefined && (definition !== undefined || names.length < 2)) return undefined;
  return { names, columns };
}

/** Whether anything but the flag speaks for MySQL: NULLs, or backslashes. */
function isMysql(reading: Reading, { flags }: FormatFacts): boolean {
  return flags.format === 'mysql' || reading.nulls > 0 || (reading.escapes > 0 && reading.foreignEscapes === 0);
}
