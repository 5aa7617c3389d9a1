import type { ImportError } from '../../domain/import-error.ts';
import type { MysqlSettings } from '../mysql/mysql.ts';
import type { FormatFacts } from './detect-format.ts';
import { askAboutBits, untoldBits, withNumbers } from './detect-format-bits.ts';
import { type Layout, possibleLayouts, refuseTwins } from './detect-format-layouts.ts';
import { fits, type Reading, readSample } from './detect-format-readings.ts';
import { ambiguous, doesNotFit, ifBatch, notEscaped, refuseBySigns } from './detect-format-refusals.ts';

/** Likeliest first. */
const delimiters = [...'\t,;|^~:#!@&*/=$%', ' ', '\x01', '\x1f'];
const quotes = ['"', "'"];

/** Readings of text that the server wrote, which most rows of the sample speak for; the best first. */
export function fittingOutfileReadings(sample: Buffer, facts: FormatFacts): readonly Reading[] {
  return bestOf(allReadings(sample, facts));
}

/** The one reading of text that the server wrote. Throws ImportError where there is none, or more than one. */
export function readOutfile(sample: Buffer, facts: FormatFacts): Reading {
  const bits = untoldBits(facts);
  if (bits !== undefined) {
    askAboutBits(facts.fileName, bestOf(allReadings(sample, withNumbers(facts, bits)))[0], bits);
  }
  const readings = allReadings(sample, facts);
  const [best, other] = bestOf(readings);
  if (best === undefined) throw unreadable(sample, facts, readings);
  const spoilt = best.misfit !== undefined && best.settings.enclosure !== undefined;
  if (spoilt || other !== undefined) refuseBySigns(facts.fileName, sample, separators(sample, facts, quotes));
  if (other !== undefined) throw ambiguous(facts.fileName, [best, other]);
  refuseUnescaped(best, facts);
  refuseOddQuotes(best, sample, facts);
  refuseUnseenQuotes(best, readings, facts);
  if (best.layout !== undefined) refuseTwins(possibleLayouts(facts.definition, facts.flags.columns), best.layout);
  return best;
}

/** What is wrong with a dump that no reading fits: the way it was made, or its shape. */
function unreadable(sample: Buffer, facts: FormatFacts, readings: readonly Reading[]): ImportError {
  const inTabs = readings.filter((reading) => reading.settings.fieldTerminator === '\t');
  for (const reading of inTabs) refuseUnescaped(reading, facts);
  refuseBySigns(facts.fileName, sample, separators(sample, facts, quotes));
  for (const reading of readings) refuseUnescaped(reading, facts);
  return doesNotFit(facts.fileName, readings);
}

function allReadings(sample: Buffer, facts: FormatFacts): Reading[] {
  const readings: Reading[] = [];
  for (const changes of candidates(sample, facts)) {
    for (const layout of layouts(facts)) {
      const reading = readSample(sample, changes, layout);
      // Where no number is seen between enclosures, numbers may well stand without.
      const proved = changes.enclosure === undefined || changes.optionallyEnclosed === true || reading.numbers > 0;
      if (proved) readings.push(reading);
    }
  }
  return readings;
}

function layouts({ definition, flags }: FormatFacts): readonly (Layout | undefined)[] {
  const known = possibleLayouts(definition, flags.columns);
  return known.length === 0 ? [undefined] : known;
}

function* candidates(sample: Buffer, facts: FormatFacts): Generator<Partial<MysqlSettings>> {
  const escapedBy = facts.flags.escape ?? '\\';
  const lineTerminators = sample.includes('\r\n') ? (['\r\n', '\n'] as const) : (['\n'] as const);
  for (const lineTerminator of lineTerminators) {
    for (const [fieldTerminator, quote] of separators(sample, facts, ['', ...quotes])) {
      const text = { fieldTerminator, lineTerminator, escape: escapedBy };
      if (new Set([fieldTerminator, quote, escapedBy]).size < 3) continue;
      if (quote === '') yield text;
      else yield* [false, true].map((optionallyEnclosed) => ({ ...text, enclosure: quote, optionallyEnclosed }));
    }
  }
}

/** Pairs of a delimiter and a quote ('' for none): those of the flags, else those that the sample holds. */
function* separators(
  sample: Buffer,
  { flags }: FormatFacts,
  quoteChoices: readonly string[],
): Generator<readonly [string, string]> {
  const isHeld = (char: string) => char === '' || char === '\t' || sample.includes(char);
  const delimiterChoices = flags.delimiter === undefined ? delimiters.filter(isHeld) : [flags.delimiter];
  const ownQuotes = flags.quote === undefined ? quoteChoices.filter(isHeld) : [flags.quote];
  for (const delimiter of delimiterChoices) for (const quote of ownQuotes) yield [delimiter, quote];
}

/** Of readings that fit equally well, one for each way to see the rows. */
function bestOf(all: readonly Reading[]): Reading[] {
  const fitting = all.filter((reading) => fits(reading) && hasFields(reading));
  const clean = most(fitting, (reading) => -reading.foreignEscapes);
  const best = most(clean, (reading) => reading.fitting / (reading.rows - reading.unclear));
  const byDigest = new Map<string, Reading>();
  for (const reading of best.filter((one) => !best.some((other) => outdoes(other, one)))) {
    if (!byDigest.has(reading.digest)) byDigest.set(reading.digest, reading);
  }
  return [...byDigest.values()];
}

/** Whether one of two readings that differ in one thing is plainly the right one. */
function outdoes(one: Reading, other: Reading): boolean {
  const [ours, theirs] = [one.settings, other.settings];
  if (ours.lineTerminator !== theirs.lineTerminator) {
    const [crlf, lf] = ours.lineTerminator === '\r\n' ? [one, other] : [other, one];
    // A carriage return at the end of every line is no part of the last field; one on some lines is. Rows of one field
    // hold whatever the other reading takes for rows: there most lines decide.
    const mostLines = one.layout?.names.length === 1 && crlf.rows > lf.rows / 2;
    return (crlf.rows === lf.rows || mostLines) === (crlf === one);
  }
  if (ours.fieldTerminator !== theirs.fieldTerminator) return false;
  // MySQL encloses every text. Where all are, they are hardly quoted by themselves; but between tabs, which are the
  // default and come without enclosures, that may be a column of JSON strings.
  if (theirs.enclosure === undefined && ours.enclosure !== undefined) {
    return ours.fieldTerminator !== '\t' && other.texts > 0 && other.textsWithin[ours.enclosure] === other.texts;
  }
  return (
    ours.enclosure === undefined && theirs.enclosure !== undefined && one.textsWithin[theirs.enclosure] !== one.texts
  );
}

/** Where every text stands between two of a character that is no usual quote, a flag has to say what it is. */
function refuseOddQuotes(best: Reading, sample: Buffer, facts: FormatFacts): void {
  const { texts, textsWithin, settings } = best;
  if (settings.enclosure !== undefined || facts.flags.quote !== undefined) return;
  const odd = Object.keys(textsWithin).find((char) => textsWithin[char] === texts && /[^\w\s.+-]/.test(char));
  if (odd === undefined || odd > '\x7e' || quotes.includes(odd)) return;
  const [enclosed] = bestOf(allReadings(sample, { ...facts, flags: { ...facts.flags, quote: odd } }));
  if (enclosed !== undefined) throw ambiguous(facts.fileName, [best, enclosed]);
}

/** Raw BIT bytes can leave no row to tell a reading by: then quotes around every text that another saw are not ignored. */
function refuseUnseenQuotes(best: Reading, readings: readonly Reading[], { fileName }: FormatFacts): void {
  const { texts, textsWithin, settings } = best;
  if (settings.enclosure !== undefined || texts === 0) return;
  const enclosed = readings.find(
    (other) =>
      other.settings.fieldTerminator === settings.fieldTerminator &&
      other.settings.enclosure !== undefined &&
      textsWithin[other.settings.enclosure] === texts &&
      other.unclear > 0 &&
      other.fitting + other.unclear === other.rows,
  );
  if (enclosed !== undefined) throw ambiguous(fileName, [best, enclosed]);
}

function most(readings: readonly Reading[], measure: (reading: Reading) => number): Reading[] {
  const highest = Math.max(...readings.map(measure));
  return readings.filter((reading) => measure(reading) === highest);
}

/** Without a table definition, rows of one field fit any separators. */
function hasFields(reading: Reading): boolean {
  return reading.layout !== undefined || (reading.first?.length ?? 0) > 1;
}

/** Bare words NULL and no NULL of MySQL's, or backslashes that MySQL would have escaped: the sign of no escapes. */
function refuseUnescaped(reading: Reading, { fileName, flags }: FormatFacts): void {
  const { nulls, nullWords, foreignEscapes, layout } = reading;
  if (nulls > 0 || layout?.columns?.some((column) => column.bits !== undefined)) return;
  if (foreignEscapes > 0 && fits(reading)) throw notEscaped(fileName, 'it has escapes that MySQL does not write');
  if (reading.settings.enclosure !== undefined) return;
  if (nullWords.typed > 0) throw notEscaped(fileName, 'NULL is written as the word', ifBatch);
  if (nullWords.text > 0 && flags.format === 'auto' && fits(reading)) {
    throw notEscaped(
      fileName,
      'it has texts that are the word NULL, and no \\N',
      ' If they are texts, say so with --format mysql.',
    );
  }
}
