import { describe, expect, it, test } from 'vitest';
import type { TableColumn } from '../../../src/input/mysql/definition/table-column.ts';
import { mysqlDialect } from '../../../src/input/mysql/mysql.ts';
import { type MysqlSettings, mysqlDefaults } from '../../../src/input/mysql/mysql-settings.ts';
import { encodeOutfile, type OutfileOptions, type ServerType, type ServerValue } from '../../support/mysql-encoder.ts';
import { tableColumn } from './mysql-files.ts';

const neighbours = [
  ['', null, 'x'],
  [null, 'x', ''],
  ['x', '', null],
] as const;
const places = [0, 1, 2] as const;
const backslash = 0x5c;
const isThorough = process.env['IMPORT_TOKENS_THOROUGH'] === '1';

/** What a reader of separators would take for something else. */
function misleads(bytes: Uint8Array, { terminatedBy, enclosedBy, optionally }: Partial<OutfileOptions>): boolean {
  const quote = enclosedBy?.charCodeAt(0);
  if (bytes.includes(backslash) || (quote !== undefined && bytes.includes(quote))) return true;
  const isEnclosed = enclosedBy !== undefined && optionally !== true;
  return !isEnclosed && (bytes.includes((terminatedBy ?? '\t').charCodeAt(0)) || bytes.includes(0x0a));
}

function bytesOf(value: number, bits: number): Uint8Array {
  return bits > 8 ? Uint8Array.of(value >> 8, value & 0xff) : Uint8Array.of(value);
}

const dialects: readonly [string, Partial<OutfileOptions>][] = [
  ['tabs', {}],
  ['quotes', { terminatedBy: ',', enclosedBy: '"' }],
  ['quotes around strings', { terminatedBy: ',', enclosedBy: '"', optionally: true }],
];

/** Every value of the column and NULL, each between two other fields. */
function everyRow(
  bits: number,
  place: 0 | 1 | 2,
  shift: number,
): { held: ServerValue[][]; table: TableColumn[]; types: ServerType[] } {
  const values: (Uint8Array | null)[] = Array.from({ length: 2 ** bits }, (_, value) => bytesOf(value, bits));
  const held = [...values, null].map((value, i) => {
    const [before, after] = neighbours[(i + place + shift) % neighbours.length]!;
    const row: ServerValue[] = [before, after];
    row.splice(place, 0, value);
    return row;
  });
  const types: ServerType[] = ['text', 'text'];
  types.splice(place, 0, 'bit');
  const table = types.map((type, i) => tableColumn(`c${i}`, type, type === 'bit' ? { bits } : {}));
  return { held, table, types };
}

type Read = { readonly exact: number; readonly wrong: number; readonly lost: readonly ServerValue[][] };

/** Rows read from one that begins where a row does, compared with that row. */
function readBack(held: ServerValue[][], file: Buffer, starts: Map<number, number>, settings: MysqlSettings): Read {
  const dialect = mysqlDialect(settings);
  const decoder = dialect.decoder([]);
  const framer = dialect.framer('dump.txt', 1);
  let exact = 0;
  let wrong = 0;
  const seen = new Set<number>();
  let offset = 0;
  for (const frame of [() => framer.push(file), () => framer.end()]) {
    const rows = frame();
    for (let i = 0; i < rows.count; i++) {
      const row = starts.get(offset);
      offset += rows.nexts[i]! - rows.starts[i]!;
      if (decoder.decode(rows, i) !== undefined) continue;
      const expected = row === undefined ? undefined : held[row];
      const isExact = expected?.every((value, field) => {
        const text = value instanceof Uint8Array ? String(Buffer.from(value).readUIntBE(0, value.length)) : value;
        return decoder.fields[field] === text;
      });
      if (isExact && decoder.fields.length === expected?.length) {
        exact++;
        seen.add(row!);
      } else wrong++;
    }
  }
  return { exact, wrong, lost: held.filter((_, row) => !seen.has(row)) };
}

function encoded(held: ServerValue[][], types: ServerType[], options: Partial<OutfileOptions>) {
  const rows = held.map((row) => encodeOutfile([row], types, options));
  const starts = new Map<number, number>();
  let offset = 0;
  for (const [row, bytes] of rows.entries()) {
    starts.set(offset, row);
    offset += bytes.length;
  }
  return { file: Buffer.concat(rows), starts };
}

describe.each(dialects)('every value of BIT(1) to BIT(16) between %s', (_, options) => {
  const widths = Array.from({ length: 16 }, (_, i) => i + 1);
  const quick = widths.filter((bits) => options.enclosedBy === undefined || bits <= 10);
  test.each(isThorough ? widths : quick)('BIT(%i) is exact, or rejected where it has to be', (bits) => {
    // Of wide columns, each value meets one pair of neighbours in each place; all of it takes minutes.
    const shifts = bits > 12 && !isThorough ? [0] : [0, 1, 2];
    for (const [place, shift] of places.flatMap((at) => shifts.map((by) => [at, by] as const))) {
      const { held, table, types } = everyRow(bits, place, shift);
      const settings = {
        ...mysqlDefaults,
        fieldTerminator: options.terminatedBy ?? '\t',
        enclosure: options.enclosedBy,
        optionallyEnclosed: options.optionally === true,
        columns: table,
      };
      for (const form of ['raw', 'escaped'] as const) {
        const { file, starts } = encoded(held, types, { ...options, bits: form });
        const told = readBack(held, file, starts, { ...settings, bits: form });
        expect(told.wrong).toBe(0);
        const isReadable = ([...row]: readonly ServerValue[]) => {
          const value = row[place]!;
          // In an unenclosed column of two bytes, NULL may be the value that its two characters are.
          if (value === null) return bits < 15 || (options.enclosedBy !== undefined && !options.optionally);
          return !misleads(value as Uint8Array, options);
        };
        expect(told.lost).toEqual(form === 'escaped' ? [] : held.filter((row) => !isReadable(row)));

        if (bits > 12) continue;
        const unproven = readBack(held, file, starts, { ...settings, bits: 'unproven' });
        expect(unproven.wrong).toBe(0);
        if (!options.optionally) expect(unproven.exact).toBeGreaterThan(held.length / 3);
      }
    }
  });
});

describe('NULL in a BIT column', () => {
  it('is never the value whose bytes look like it', () => {
    const table = [tableColumn('b', 'bit', { bits: 16 }), tableColumn('t', 'text')];
    const { file, starts } = encoded([[null, 'x']], ['bit', 'text'], {});
    const settings = { ...mysqlDefaults, columns: table };
    expect(readBack([[null, 'x']], file, starts, { ...settings, bits: 'raw' }).exact).toBe(0);
    expect(readBack([[null, 'x']], file, starts, { ...settings, bits: 'escaped' }).exact).toBe(1);
  });
});
