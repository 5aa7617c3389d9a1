import { expect, test } from 'vitest';
import type { Column } from '../../../src/domain/column.ts';
import type { SourceMeasure } from '../../../src/domain/source-measure.ts';
import { csvDialect } from '../../../src/input/csv/csv.ts';
import { RowMapper } from '../../../src/pipeline/map-row.ts';
import { RowMeasurer, type RowMeasurerOptions } from '../../../src/pipeline/plan/measure-source.ts';
import { plainCsv } from '../../input/csv/csv-files.ts';
import { rowOf } from '../tokens.ts';

const keyAs = (label: string, required: boolean) => ({ type: 'S', maxBytes: 2048, required, label }) as const;
const columns: Column[] = [
  { sourceName: 'token', fieldIndex: 0, name: 'id', type: 'S', key: keyAs('the table’s partition key', true) },
  { sourceName: 'user', fieldIndex: 1, name: 'user', type: 'S', key: keyAs('the partition key of by-user', false) },
  { sourceName: 'expires', fieldIndex: 2, name: 'expires', type: 'EPOCH' },
];
const sourceNames = ['token', 'user', 'expires', 'secret'];
const byUser = { name: 'by-user', key: [{ name: 'user', type: 'S' as const }] };

/** Lines of token, user, expires and a column that is left out; the first is line 2. NULL is `\N`. */
function measure(lines: readonly string[], more: Partial<RowMeasurerOptions> = {}): SourceMeasure {
  const dialect = csvDialect({ ...plainCsv, nullText: '\\N', escapeTold: false });
  const options = { empty: 'omit', timeZone: 'UTC', zeroDates: 'reject' } as const;
  const mapping = {
    ...{ dialect, columns, options, keyNames: ['id'], fieldCount: 4, binary: [false, false, false, false] },
    globalIndexes: [byUser],
  };
  const mapper = new RowMapper({ ...mapping, encoder: { encode: () => '', bodyBytes: () => 100 } });
  const measurer = new RowMeasurer({
    ...{ mapper, mapping, sourceNames, writeUnitsPerSecond: 1_000, indexUnitsPerSecond: [1_000], windowRows: 100 },
    ...{ showValues: true, nowSeconds: 1_800_000_000 },
    ...more,
  });
  for (const [i, line] of lines.entries()) {
    const framed = dialect.framer('tokens.csv', 1).push(Buffer.from(`${line}\n`));
    const row = rowOf(i);
    measurer.measureRow(mapper.map(framed, 0, row), row, framed.ascii);
  }
  return measurer.result(lines.length, 0);
}

const soon = '2027-02-01 00:00:00';

test('all rejects are counted, and the first ten shown with their lines', () => {
  const bad = Array.from({ length: 12 }, (_, i) => `t${i},u,never,s`);
  const measured = measure([`t,u,${soon},s`, ...bad, ',u,,s']);
  expect(measured.rows).toEqual({ read: 14, importable: 1, rejected: 13, skipped: 0 });
  expect(Object.values(measured.rejectsByCode).sort()).toEqual([1, 12]);
  expect(measured.rejectsByCode['key-empty']).toBe(1);
  expect(measured.firstRejects.map(({ line, column }) => [line, column])).toEqual(
    Array.from({ length: 10 }, (_, i) => [i + 3, 'expires']),
  );
  expect(measured.columns[2]!.rejectsByCode).toEqual({ [measured.firstRejects[0]!.code]: 12 });
});

test('a column that is left out is described too, without an attribute', () => {
  const { columns: surveyed } = measure([`t,u,${soon},sss`, 'u,u,,\\N']);
  expect(surveyed.map(({ sourceName, attribute }) => [sourceName, attribute?.name])).toEqual([
    ['token', 'id'],
    ['user', 'user'],
    ['expires', 'expires'],
    ['secret', undefined],
  ]);
  expect(surveyed[3]).toMatchObject({ nulls: 1, empty: 0, bytes: { shortest: 3, longest: 3 } });
});

test('fields are described where the row was split right, though it is rejected', () => {
  const ragged = measure(['tttttt,u', `t,u,${soon},s`]).columns[0]!;
  expect(ragged.bytes).toEqual({ shortest: 1, longest: 1 });
  const undecoded = measure(['tttttt\\\\,u,never,s', `t,u,${soon},s`]);
  expect(undecoded.rejectsByCode).toEqual({ 'bare-backslash': 1 });
  expect(undecoded.columns[0]!.bytes).toEqual({ shortest: 1, longest: 1 });
  const unfit = measure(['tttttt,u,never,s', `t,u,${soon},s`]).columns[0]!;
  expect(unfit.bytes).toEqual({ shortest: 1, longest: 6 });
});

test('write units are those of the table, and of the index only for items that have its key', () => {
  const measured = measure([`a,u,${soon},s`, `b,,${soon},s`, `${'c'.repeat(1_100)},u,${soon},s`]);
  expect(measured.writeUnits).toBe(1 + 1 + 2);
  expect(measured.indexUnits).toEqual([1 + 2]);
  expect(measured.bodyBytes).toBe(300);
});

test('a source of which no row can be imported has sizes of nothing', () => {
  const measured = measure([',u,,s']);
  expect(measured.itemBytes).toEqual({ p50: 0, p99: 0, max: 0, total: 0 });
  expect([measured.writeUnits, measured.bodyBytes, measured.indexUnits]).toEqual([0, 0, [0]]);
});

test('a long run of one index key shows in the index, and not in the table', () => {
  const lines = Array.from({ length: 30 }, (_, i) => `t${i},${i < 20 ? 'one' : `u${i}`},${soon},s`);
  const { keySpreads } = measure(lines, { writeUnitsPerSecond: 10, indexUnitsPerSecond: [5] });
  expect(keySpreads).toMatchObject([
    { attribute: 'id', units: 30, distinct: 30, longestRun: 1, topShare: 1 / 30, secondsAtRate: 3 },
    { attribute: 'user', index: 'by-user', units: 30, distinct: 11, longestRun: 20, topShare: 2 / 3, secondsAtRate: 6 },
  ]);
});

test('a time-to-live attribute is judged by what the items get, not by the fields', () => {
  const lines = [`a,u,${soon},s`, 'b,u,2026-01-01 00:00:00,s', 'c,u,,s'];
  expect(measure(lines, { ttlAttribute: 'expires' }).ttl).toEqual({
    ...{ attribute: 'expires', milliseconds: 0, expired: 1, tooOld: 0 },
  });
  expect(measure(lines).ttl).toBeUndefined();
  // A text is no time: the attribute is not watched.
  expect(measure(lines, { ttlAttribute: 'user' }).ttl).toBeUndefined();
});
