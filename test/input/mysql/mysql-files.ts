import { readFileSync } from 'node:fs';
import type { Field } from '../../../src/domain/column.ts';
import { ImportError } from '../../../src/domain/import-error.ts';
import type { RowFault } from '../../../src/domain/row.ts';
import type { Dialect, FramedRows } from '../../../src/input/framed-rows.ts';
import type { TableColumn } from '../../../src/input/mysql/definition/table-column.ts';
import type { ServerType, ServerValue } from '../../support/mysql-encoder.ts';

/** A decoded row: bytes as hexadecimal text behind `x`, so that rows can be compared; or why there is none. */
type ReadRow = {
  readonly line: number;
  readonly raw: string;
  readonly fields?: (string | null)[];
  readonly fault?: RowFault;
};

export type ReadFile = { readonly rows: readonly ReadRow[]; readonly error: ImportError | undefined };

/** Reads a whole file in chunks of that size, header and all. Throws what is no ImportError. */
export function readMysql(dialect: Dialect, bytes: Buffer, binary: readonly boolean[], chunkBytes = 65_536): ReadFile {
  const framer = dialect.framer('dump.txt', 1);
  const decoder = dialect.decoder(binary);
  const rows: ReadRow[] = [];
  let line = 1;
  const take = (framed: FramedRows) => {
    for (let i = 0; i < framed.count; i++) {
      const fault = decoder.decode(framed, i);
      const raw = framed.buffer.toString('latin1', framed.starts[i], framed.nexts[i]);
      rows.push({ line, raw, ...(fault === undefined ? { fields: decoder.fields.map(comparable) } : { fault }) });
      line += framed.lines[i]!;
    }
  };
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) take(framer.push(bytes.subarray(at, at + chunkBytes)));
    take(framer.end());
  } catch (error) {
    if (error instanceof ImportError) return { rows, error };
    throw error;
  }
  return { rows, error: undefined };
}

export function comparable(value: Field | ServerValue): string | null {
  return value instanceof Uint8Array ? `x${Buffer.from(value).toString('hex')}` : value;
}

/** A column of a table as its definition would give it. */
export function tableColumn(name: string, kind: ServerType, changes: Partial<TableColumn> = {}): TableColumn {
  const types = { text: 'S', binary: 'B', number: 'N', bit: 'N' } as const;
  const sqlTypes = { text: 'varchar(255)', binary: 'varbinary(255)', number: 'bigint(20)', bit: 'bit(8)' };
  const bits = kind === 'bit' ? { bits: 8 } : {};
  return {
    ...{ name, sqlType: sqlTypes[kind], type: types[kind], binary: kind === 'binary', nullable: true },
    ...bits,
    ...changes,
  };
}

export function fixture(path: string): Buffer {
  return readFileSync(new URL(`../../fixtures/mysql/${path}`, import.meta.url));
}

export function fixture97(path: string): Buffer {
  return readFileSync(new URL(`../../fixtures/mysql97/${path}`, import.meta.url));
}

/** What the server held when the samples were dumped; the named columns are binary. */
export function expectedSample(): { names: string[]; binary: boolean[]; rows: (string | null)[][] } {
  const { columns, rows } = JSON.parse(fixture('expected.json').toString()) as {
    columns: string[];
    rows: (string | null)[][];
  };
  const binary = columns.map((name) => ['fingerprint', 'raw', 'flags'].includes(name));
  const asRead = (value: string | null, i: number) => (binary[i] && value !== null ? `x${value}` : value);
  return { names: columns, binary, rows: rows.map((row) => row.map(asRead)) };
}
