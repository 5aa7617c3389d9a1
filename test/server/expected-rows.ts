import { isAscii, isUtf8 } from 'node:buffer';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { characterSet } from '../../src/input/mysql/characters/character-sets.ts';
import { type PlainItem, plainItem } from '../support/engines.ts';
import { encodeOutfile, type OutfileOptions } from '../support/mysql-encoder.ts';
import type { SqlProduct } from '../support/sql-server.ts';
import type { ServerColumn } from './server-columns.ts';
import { type Dialect, serverType } from './server-dumps.ts';
import type { ServerRow } from './server-table.ts';

/** What an import must do with a row; `either`: write exactly this item, or reject the row. */
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
  const types = columns.map((column) => serverType(column, product));
  const fates = columns.map((column, i) => {
    const value = stored[i]!;
    const isBare = outfile.enclosedBy === '' && types[i] !== 'bit';
    if (isBare && column.nullable && value?.equals(nullWord)) return 'rejected';
    if (column.characterSet !== undefined) return isReadable(value, column.characterSet) ? 'written' : 'rejected';
    if (types[i] !== 'bit') return 'written';
    if (value !== null) return fateOfRawBits(value, outfile);
    return fateOfNullBits(encodeOutfile([stored.slice(i)], types.slice(i), outfile), column.bits!, outfile);
  });
  return fates.find((fate) => fate === 'rejected') ?? fates.find((fate) => fate === 'either') ?? 'written';
}

/** False if a byte is not a character of the set, or if the text could be UTF-8 as well. */
function isReadable(value: Buffer | null, name: string): boolean {
  if (value === null || isAscii(value)) return true;
  const set = characterSet(name) as { decode(bytes: Buffer): string | undefined };
  return set.decode(value) !== undefined && !isUtf8(value);
}

/** MariaDB writes the bytes of BIT raw, so some look like separators, quotes or escapes. */
function fateOfRawBits(value: Buffer, options: OutfileOptions): ExpectedRow['fate'] {
  const { escapedBy, enclosedBy, optionally, terminatedBy, linesTerminatedBy } = options;
  const text = value.toString('latin1');
  const isEnclosed = enclosedBy !== '' && !optionally;
  const special = [escapedBy, enclosedBy, ...(isEnclosed ? [] : [terminatedBy, linesTerminatedBy])];
  if (special.some((sequence) => sequence !== '' && text.includes(sequence))) return 'rejected';
  // One byte of a longer separator can join those around the field. In quotes a separator is only a value.
  const bytes = [...terminatedBy, ...linesTerminatedBy];
  return bytes.some((byte) => text.includes(byte)) ? 'either' : 'written';
}

/** Whether NULL, with which `row` begins, could also be read as bits of this width. */
function fateOfNullBits(row: Buffer, width: number, options: OutfileOptions): ExpectedRow['fate'] {
  const { escapedBy, enclosedBy, optionally, terminatedBy, linesTerminatedBy } = options;
  const length = Math.ceil(width / 8);
  const bits = BigInt(`0x${row.subarray(0, length).toString('hex')}`);
  const rest = row.toString('latin1', length);
  const fits = bits < 2n ** BigInt(width) && [terminatedBy, linesTerminatedBy].some((end) => rest.startsWith(end));
  if (!fits || (enclosedBy !== '' && !optionally)) return 'written';
  // It can be a value only if the fields that follow can still be read.
  return length === `${escapedBy}N`.length ? 'rejected' : 'either';
}
