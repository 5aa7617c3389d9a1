import { expect, test } from 'vitest';
import { compileItemText } from '../../../src/adapters/dynamodb/item/item-text.ts';
import type { Column } from '../../../src/domain/column.ts';
import { csvDialect } from '../../../src/input/csv/csv.ts';
import { RowReader } from '../../../src/input/row-reader.ts';
import { RunningHash } from '../../../src/input/source-hash.ts';
import { RowMapper } from '../../../src/pipeline/map-row.ts';
import { type MeasureOptions, SourceMeter } from '../../../src/pipeline/plan/measure-source.ts';
import { plainCsv } from '../../input/csv/csv-files.ts';
import { textSource } from '../../input/text-source.ts';

const key = { type: 'S', maxBytes: 2048, required: true, label: 'the table’s partition key' } as const;
const columns: Column[] = [
  { sourceName: 'token', fieldIndex: 0, name: 'token', type: 'S', key },
  { sourceName: 'n', fieldIndex: 1, name: 'n', type: 'N' },
];

function meterOf(text: string, more: Partial<MeasureOptions> = {}): SourceMeter {
  const dialect = csvDialect({ ...plainCsv, header: true });
  const options = { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' } as const;
  const mapping = { dialect, columns, keyNames: ['token'], fieldCount: 2, binary: [false, false], options };
  const mapper = new RowMapper({ ...mapping, encoder: compileItemText(columns) });
  return new SourceMeter({
    blocks: new RowReader(textSource([text], 100), dialect, new RunningHash(), undefined).blocks(),
    ...{ mapper, mapping, sourceNames: ['token', 'n'], writeUnitsPerSecond: 1_000, indexUnitsPerSecond: [] },
    ...{ windowRows: 1_000, showValues: false, nowSeconds: 1_800_000_000 },
    skipRows: 0,
    maxRows: undefined,
    signal: new AbortController().signal,
    ...more,
  });
}

test('rows are counted by what an import would do with them, items by their size', async () => {
  // `token` and `n` are 6 bytes of names; a number of one or two digits is 2 bytes: items of 6 + 1 + 2 and 6 + 1,100 + 2.
  const long = 'x'.repeat(1_100);
  const measured = await meterOf(`token,n\na,1\n\nb,22\nc,x\nd\n${long},3\n,4\n`).measure();
  expect(measured.rows).toEqual({ read: 6, importable: 3, rejected: 3, skipped: 0 });
  expect(measured.rejectsByCode).toEqual({ 'not-a-number': 1, 'ragged-row': 1, 'key-empty': 1 });
  expect(measured.firstRejects.map(({ line, code }) => [line, code])).toEqual([
    [5, 'not-a-number'],
    [6, 'ragged-row'],
    [8, 'key-empty'],
  ]);
  expect(measured.itemBytes).toMatchObject({ p50: 9, max: 1_108, total: 9 + 9 + 1_108 });
  expect(measured.writeUnits).toBe(1 + 1 + 2);
  const bodies = [
    ['a', '1'],
    ['b', '22'],
    [long, '3'],
  ].map(([token, n]) => `{"PutRequest":{"Item":{"token":{"S":"${token}"},"n":{"N":"${n}"}}}}`);
  expect(measured.bodyBytes).toBe(bodies.join('').length);
});

test('rows before --skip-rows and behind --max-rows are not measured', async () => {
  const text = `token,n\n${Array.from({ length: 50 }, (_, i) => `t${i},${i < 10 ? 'x' : i}\n`).join('')}`;
  const measured = await meterOf(text, { skipRows: 10, maxRows: 25 }).measure();
  expect(measured.rows).toEqual({ read: 35, importable: 25, rejected: 0, skipped: 10 });
});

test('a source with a header and no rows is refused', async () => {
  await expect(meterOf('token,n\n').measure()).rejects.toMatchObject({ code: 'source-empty' });
});

test('a stop ends it with the reason and without a measure, though the source is silent', async () => {
  const stop = new AbortController();
  const silent = (async function* () {
    await new Promise(() => {});
  })() as unknown as MeasureOptions['blocks'];
  const measuring = meterOf('', { blocks: silent, signal: stop.signal }).measure();
  stop.abort('SIGINT');
  await expect(measuring).rejects.toBe('SIGINT');
});

test('each column is described by what its fields hold', async () => {
  const measured = await meterOf('token,n\na,1\nb,\nccc,-22\nd,x\ne\nü,300\n', { showValues: true }).measure();
  expect(measured.columns).toEqual([
    {
      sourceName: 'token',
      attribute: { name: 'token', type: 'S' },
      ...{ nulls: 0, empty: 0, bytes: { shortest: 1, longest: 3 }, values: { shortest: 'a', longest: 'ccc' } },
      rejectsByCode: {},
    },
    {
      sourceName: 'n',
      attribute: { name: 'n', type: 'N' },
      ...{ nulls: 0, empty: 1, bytes: { shortest: 1, longest: 3 }, values: { shortest: '1', longest: '-22' } },
      rejectsByCode: { 'not-a-number': 2 },
    },
  ]);
});

test('values are kept only where they may be shown', async () => {
  const measured = await meterOf('token,n\nsecret,1\n').measure();
  expect(JSON.stringify(measured)).not.toContain('secret');
});

test('the time-to-live of an attribute is judged by the hour of the import', async () => {
  // Now is 1,800,000,000. Five years before is 1,642,320,000.
  const values = ['1800000001', '1799999999', '1642320000', '1642319999', '1800000001000'];
  const text = `token,n\n${values.map((n, i) => `t${i},${n}\n`).join('')}`;
  const measured = await meterOf(text, { ttlAttribute: 'n' }).measure();
  expect(measured.ttl).toEqual({ attribute: 'n', milliseconds: 1, expired: 2, tooOld: 1 });
});
