import { ImportError } from '../domain/import-error.ts';
import type { Dialect, FramedRows } from './framed-rows.ts';
import { isSameName } from './mysql/definition/table-definition.ts';
import { isEscaped } from './mysql/mysql-bytes.ts';
import type { ReadingFlags } from './reading-flags.ts';

/** Calls `take` for each row after the header, with the line on which it begins. */
export function eachRow(
  dialect: Dialect,
  sample: Buffer,
  isWhole: boolean,
  take: (rows: FramedRows, index: number, line: number) => void,
): void {
  const framer = dialect.framer('', 1);
  let line = 1;
  let isHeader = dialect.header;
  const takeAll = (framed: FramedRows) => {
    for (let i = 0; i < framed.count; i++) {
      if (framed.kinds[i] !== 'blank') {
        if (!isHeader) take(framed, i, line);
        isHeader = false;
      }
      line += framed.lines[i]!;
    }
  };
  try {
    takeAll(framer.push(sample));
    if (isWhole) takeAll(framer.end());
  } catch (error) {
    // An incomplete row is reported when the file is read.
    if (!(error instanceof ImportError)) throw error;
  }
}

/** The fields of the first row as names; empty if the sample has no decodable row. */
export function firstRow(dialect: Dialect, sample: Buffer): readonly string[] {
  const decoder = dialect.headerDecoder();
  let names: readonly string[] | undefined;
  eachRow({ ...dialect, header: false }, sample, true, (framed, i) => {
    names ??= decoder.decode(framed, i) === undefined ? decoder.fields.map(String) : [];
  });
  return names ?? [];
}

/** Length of the line end of the first row after the header; undefined if the sample does not have it. */
export function firstLineEndBytes(dialect: Dialect, sample: Buffer): number | undefined {
  let byteLength: number | undefined;
  eachRow(dialect, sample, false, ({ ends, nexts }, i) => {
    byteLength ??= nexts[i]! - ends[i]!;
  });
  return byteLength;
}

/** Names of columns, whose case does not matter in MySQL. */
export function areSame(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, i) => isSameName(name, others[i]!));
}
