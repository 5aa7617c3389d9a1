import type { Field } from '../../domain/column.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { FramedRows } from '../framed-rows.ts';
import { type MysqlSettings, mysqlDefaults, mysqlDialect } from '../mysql/mysql.ts';
import type { Layout } from './detect-format-layouts.ts';
import { ReadingTally } from './detect-format-tally.ts';

/** What a sample looks like when read with these settings. */
export type Reading = {
  readonly settings: MysqlSettings;
  readonly layout: Layout | undefined;
  /** The first row names the columns. */
  readonly header: boolean;
  readonly first: readonly Field[] | undefined;
  /** Rows behind a header. */
  readonly rows: number;
  /** Rows with as many fields as the layout (or as the first row), whose numbers and dates look like such. */
  readonly fitting: number;
  /** Rows that BIT columns made unreadable; they speak neither for nor against the reading. */
  readonly unclear: number;
  /** The first row that does not fit; its number of fields is undefined where it can't be decoded. */
  readonly misfit: { readonly line: number; readonly fields: number | undefined } | undefined;
  readonly nulls: number;
  /** Fields that are the bare word NULL, where a number or date belongs, and where a text may be NULL. */
  readonly nullWords: { readonly typed: number; readonly text: number };
  /** Numbers that stand where the table has a number. */
  readonly numbers: number;
  /** Texts, and those of them that begin and end with this character. */
  readonly texts: number;
  readonly textsWithin: Readonly<Record<string, number>>;
  readonly escapes: number;
  /** Escapes that MySQL would not have written with these settings. */
  readonly foreignEscapes: number;
  /** The fields of the first fitting rows, to compare readings by. */
  readonly digest: string;
};

/** Where the types are unknown, what is no UTF-8 may be binary: as many columns as MySQL knows. */
const anyBinary = new Array<boolean>(4096).fill(true);

/** Reads the sample's whole rows with these settings. */
export function readSample(sample: Buffer, changes: Partial<MysqlSettings>, layout: Layout | undefined): Reading {
  const settings = { ...mysqlDefaults, ...changes, columns: layout?.columns, maxRowBytes: sample.length };
  const dialect = mysqlDialect(settings);
  const framer = dialect.framer('', 1);
  const decoder = dialect.decoder(layout?.columns?.map((column) => column.binary) ?? anyBinary);
  // Text in another character set is rejected row by row; it says nothing against the shape of its row.
  const shapeDecoder = dialect.decoder(anyBinary);
  const fieldsOf = (framed: FramedRows, i: number) => {
    const fault = decoder.decode(framed, i);
    if (fault === undefined) return asText(decoder.fields, layout);
    if (fault.code !== 'invalid-utf8' || shapeDecoder.decode(framed, i) !== undefined) return undefined;
    return asText(shapeDecoder.fields, layout);
  };
  const tally = new ReadingTally(settings, layout);
  for (const frame of [() => framer.push(sample), () => framer.end()]) {
    const framed = wholeRows(frame);
    for (let i = 0; framed !== undefined && i < framed.count && !tally.hopeless; i++) {
      tally.add(framed, i, fieldsOf(framed, i));
    }
  }
  return tally.reading();
}

/** True where most rows speak for the reading: a damaged one is to be rejected, it does not change how the others are read. */
export function fits(reading: Reading): boolean {
  return reading.fitting > 0 && reading.fitting > (reading.rows - reading.unclear) / 2;
}

/** A sample ends within a row; that is no fault. */
function wholeRows(frame: () => FramedRows): FramedRows | undefined {
  try {
    return frame();
  } catch (error) {
    if (error instanceof ImportError) return undefined;
    throw error;
  }
}

/** Bytes of a column that is not known to be binary, each as a character. */
function asText(fields: readonly Field[], layout: Layout | undefined): readonly Field[] {
  return fields.map((field, i) =>
    field instanceof Uint8Array && layout?.columns?.[i]?.binary !== true
      ? Buffer.from(field).toString('latin1')
      : field,
  );
}
