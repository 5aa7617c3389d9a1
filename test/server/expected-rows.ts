import { isAscii, isUtf8 } from 'node:buffer';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { characterSet } from '../../src/input/mysql/character-sets.ts';
import { type PlainItem, plainItem } from '../support/engines.ts';
import type { OutfileOptions } from '../support/mysql-encoder.ts';
import type { SqlProduct } from '../support/sql-server.ts';
import type { ServerColumn } from './server-columns.ts';
import type { Dialect } from './server-dumps.ts';
import type { ServerRow } from './server-table.ts';

/** What an import has to do with a row; `either`: write exactly this item, or reject the row. */
export type ExpectedRow = { readonly item: PlainItem; readonly fate: 'written' | 'rejected' | 'either' };

/** By the id of the row. */
export function expectedRows(
  product: SqlProduct['name'],
  dialect: Dialect,
  columns: readonly ServerColumn[],
  rows: readonly ServerRow[],
): Map<string, ExpectedRow> {
  return new Map(
    rows.map((row) => {
      const item = expectedItem(columns, row, dialect);
      return [String(row.values[0]), { item, fate: fateOf(product, dialect, columns, row) }];
    }),
  );
}

function expectedItem(columns: readonly ServerColumn[], row: ServerRow, dialect: Dialect): PlainItem {
  const item: Record<string, AttributeValue> = {};
  for (const [i, { name, kind, nullable }] of columns.entries()) {
    const value = row.values[i];
    if (value === null || value === undefined) continue;
    // The client writes NULL as a word, which no value of a nullable column can be told from.
    if (dialect.outfile === undefined && nullable && value.equals(nullWord)) continue;
    if (kind === 'B') item[name] = { B: value };
    else item[name] = kind === 'S' ? { S: value.toString() } : { N: value.toString() };
  }
  return plainItem(item);
}

const nullWord = Buffer.from('NULL');

function fateOf(
  product: SqlProduct['name'],
  { outfile }: Dialect,
  columns: readonly ServerColumn[],
  { stored }: ServerRow,
): ExpectedRow['fate'] {
  // The client converts all text to UTF-8 and escapes BIT.
  if (outfile === undefined) return 'written';
  const fates = columns.map((column, i) => {
    const value = stored[i]!;
    if (column.characterSet !== undefined) return isReadable(value, column.characterSet) ? 'written' : 'rejected';
    return column.bits === undefined || product === 'MySQL' ? 'written' : fateOfRawBits(value, column.bits, outfile);
  });
  return fates.find((fate) => fate === 'rejected') ?? fates.find((fate) => fate === 'either') ?? 'written';
}

/** False if a byte is not a character of the set, or if the text could be UTF-8 as well. */
function isReadable(value: Buffer | null, name: string): boolean {
  if (value === null || isAscii(value)) return true;
  const set = characterSet(name) as { decode(bytes: Buffer): string | undefined };
  return set.decode(value) !== undefined && !isUtf8(value);
}

/** MariaDB writes the bytes of BIT as they are, so some look like what gives the dump its shape. */
function fateOfRawBits(value: Buffer | null, width: number, options: OutfileOptions): ExpectedRow['fate'] {
  const { escapedBy, enclosedBy, optionally, terminatedBy, linesTerminatedBy } = options;
  if (value === null) {
    const written = Buffer.from(`${escapedBy}N`);
    const fits = Math.ceil(width / 8) === written.length && written.readUInt16BE() < 2 ** width;
    return fits && (enclosedBy === '' || optionally) ? 'rejected' : 'written';
  }
  const text = value.toString('latin1');
  const special = [escapedBy, enclosedBy, terminatedBy, linesTerminatedBy].filter((sequence) => sequence !== '');
  if (special.some((sequence) => text.includes(sequence))) return 'rejected';
  // Of a separator of several bytes, one is not enough, but with those around the field it can be.
  return special.some((sequence) => [...sequence].some((byte) => text.includes(byte))) ? 'either' : 'written';
}
