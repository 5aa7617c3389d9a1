import { expect, test } from 'vitest';
import type { ColumnMeasure, SourceMeasure, TtlMeasure } from '../../../src/domain/source-measure.ts';
import { type TableAttachments, type TableInfo, uncheckedAttachments } from '../../../src/domain/table.ts';
import { notChecked, notCheckedText, sideEffects } from '../../../src/report/plan/plan-warnings.ts';
import { preflightFacts } from '../facts.ts';

const quiet: TableAttachments = {
  kinesisStreams: { kind: 'known', value: [] },
  pointInTimeRecovery: { kind: 'known', value: { isOn: true } },
  ttlAttribute: { kind: 'known', value: undefined },
  quotas: { kind: 'known', value: { tableWriteUnits: 40_000, accountWriteUnits: 80_000 } },
};
const table = preflightFacts.tableInfo!;

const column = (type: 'S' | 'EPOCH'): ColumnMeasure => ({
  ...{ sourceName: 'expires', attribute: { name: 'ttl', type } },
  ...{ nulls: 0, empty: 0, rejectsByCode: {} },
});

type Given = {
  table: TableInfo;
  attachments: TableAttachments;
  measured: Pick<SourceMeasure, 'columns' | 'ttl'>;
  rows: number | undefined;
};

function messages(given: Partial<Given>): string[] {
  const all: Given = { table, attachments: quiet, measured: { columns: [] }, rows: 10_000_000, ...given };
  return sideEffects(all.table, all.attachments, all.measured, all.rows).map(({ message }) => message);
}

function ttlMessages(columns: readonly ColumnMeasure[], ttl?: Partial<TtlMeasure>): string[] {
  const attachments = { ...quiet, ttlAttribute: { kind: 'known', value: 'ttl' } as const };
  const counted = { attribute: 'ttl', milliseconds: 0, expired: 0, tooOld: 0, ...ttl };
  return messages({ attachments, measured: { columns, ttl: counted } }).slice(1);
}

test('point-in-time recovery is said whether it is on or off', () => {
  expect(messages({})).toEqual([
    expect.stringMatching(/^point-in-time recovery is on: the moment before the first write, .*in the summary$/),
  ]);
  const off = { ...quiet, pointInTimeRecovery: { kind: 'known', value: { isOn: false } } as const };
  expect(messages({ attachments: off })).toEqual([expect.stringMatching(/is off: what a put replaces is gone/)]);
});

test('who hears of every row is named, with how many records', () => {
  const attachments = { ...quiet, kinesisStreams: { kind: 'known', value: ['audit'] } as const };
  const followed = { ...table, streamView: 'NEW_IMAGE', replicaRegions: ['eu-west-2', 'us-west-2'] };
  expect(messages({ table: followed, attachments }).slice(0, 3)).toEqual([
    'a stream is on (NEW_IMAGE): 10,000,000 records will reach its consumers',
    'Kinesis stream audit is attached: 10,000,000 records will reach its consumers',
    'every write is copied to eu-west-2, us-west-2, and paid for there',
  ]);
  expect(messages({ table: followed, rows: undefined })[0]).toContain('a record for every row will reach');
});

test('a table that is being changed, or of a dearer class, is said', () => {
  expect(messages({ table: { ...table, infrequentAccess: true } })[0]).toMatch(/infrequent access, .*--prices$/);
  expect(messages({ table: { ...table, status: 'UPDATING' } })[0]).toBe('the table is UPDATING');
});

test.each([
  [[], {}, [/no column gives: none of the rows will expire/]],
  [[column('S')], {}, [/would be S and no number: .*--types expires=EPOCH/]],
  [[column('EPOCH')], {}, []],
  [[column('EPOCH')], { attribute: 'other', expired: 4 }, []],
  [[column('EPOCH')], { milliseconds: 3 }, [/milliseconds in 3 rows: they will not expire/]],
  [
    [column('EPOCH')],
    { expired: 1, tooOld: 2_000 },
    [/past in 1 row: they will be deleted/, /five years past in 2,000 rows: they will never/],
  ],
] as const)('time-to-live %# is judged by the column that gives it', (columns, ttl, expected) => {
  expect(ttlMessages(columns, ttl)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
});

test('what was not checked is listed by what it needs', () => {
  expect(notCheckedText(notChecked(quiet))).toBeUndefined();
  const some: TableAttachments = {
    ...uncheckedAttachments('needs a look at the table'),
    pointInTimeRecovery: { kind: 'known', value: { isOn: true } },
    quotas: { kind: 'not-checked', because: 'needs dynamodb:DescribeLimits' },
  };
  expect(notCheckedText(notChecked(some))).toBe(
    'Kinesis streams, time-to-live (needs a look at the table), quotas (needs dynamodb:DescribeLimits)',
  );
});
