import { readFileSync } from 'node:fs';
import type { Field } from '../../../src/domain/column.ts';
import { ImportError } from '../../../src/domain/import-error.ts';
import type { RowFault } from '../../../src/domain/row.ts';
import type { FramedRows } from '../../../src/input/framed-rows.ts';
import { sqlDialect } from '../../../src/input/sql/sql.ts';
import type { SqlSettings } from '../../../src/input/sql/sql-settings.ts';

/** A tuple as it came out: its values or why there are none, and where it stood. */
export type ReadTuple = {
  readonly line: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly raw: string;
  readonly fields?: readonly Field[];
  readonly fault?: RowFault;
};

export type ReadSql = { readonly rows: readonly ReadTuple[]; readonly error: ImportError | undefined };

export const chunkSizes = [1, 2, 3, 7, 64, 4096, Number.POSITIVE_INFINITY];

export const wholeTokens: SqlSettings = {
  table: { name: 'tokens' },
  columns: [],
  allowIncomplete: false,
  maxRowBytes: 4 * 1024 * 1024,
};

/** Where a resume begins. */
type Mark = { readonly byteOffset: number; readonly line: number };

/** Reads a dump given in chunks of that many bytes, from the mark on. Throws what is no ImportError. */
export function readSql(
  bytes: Buffer,
  settings: Partial<SqlSettings> = {},
  { binary = [], chunkBytes = Number.POSITIVE_INFINITY, mark }: ReadOptions = {},
): ReadSql {
  const dialect = sqlDialect({ ...wholeTokens, ...settings });
  const framer = dialect.framer('dump.sql', mark?.line ?? 1, mark !== undefined);
  const decoder = dialect.decoder(binary);
  const rows: ReadTuple[] = [];
  let line = mark?.line ?? 1;
  let byteOffset = mark?.byteOffset ?? 0;
  const take = (framed: FramedRows) => {
    for (let i = 0; i < framed.count; i++) {
      const byteLength = framed.nexts[i]! - framed.starts[i]!;
      if (framed.kinds[i] !== 'blank') {
        const fault = decoder.decode(framed, i);
        const raw = framed.buffer.toString('latin1', framed.starts[i], framed.nexts[i]);
        const read = { line, byteOffset, byteLength, raw };
        rows.push({ ...read, ...(fault === undefined ? { fields: [...decoder.fields] } : { fault }) });
      }
      line += framed.lines[i]!;
      byteOffset += byteLength;
    }
  };
  try {
    const step = Math.min(chunkBytes, bytes.length);
    for (let at = byteOffset; at < bytes.length; at += step) take(framer.push(bytes.subarray(at, at + step)));
    take(framer.end());
  } catch (error) {
    if (error instanceof ImportError) return { rows, error };
    throw error;
  }
  return { rows, error: undefined };
}

type ReadOptions = { readonly binary?: readonly boolean[]; readonly chunkBytes?: number; readonly mark?: Mark };

/** The fields of every row. Throws the error that reading ended with. */
export function fieldsOf({ rows, error }: ReadSql): unknown[] {
  if (error !== undefined) throw error;
  return rows.map(({ fields }) => fields);
}

export function sample(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/mysql97/${name}`, import.meta.url));
}

/** `HEX()` of every value as the server holds it; null for NULL. */
export function truth(name: string): (string | null)[][] {
  const lines = sample(name).toString().replace(/\n$/, '').split('\n');
  return lines.map((line) => line.split('\t').map((value) => (value === 'NULL' ? null : value)));
}

/** As `HEX()` shows it. BIT values, which are numbers here, are padded to the bytes of their width. */
export function hexOf(field: Field, bits?: number): string | null {
  if (field === null) return null;
  if (bits === undefined)
    return Buffer.from(field as string)
      .toString('hex')
      .toUpperCase();
  const digits = BigInt(field as string)
    .toString(16)
    .toUpperCase();
  return digits.padStart(2 * Math.ceil(bits / 8), '0');
}
