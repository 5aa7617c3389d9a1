import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import type { ReadingFlags } from '../../../src/input/reading-flags.ts';
import { encodeBatch, encodeOutfile, type OutfileOptions, type ServerValue } from '../../support/mysql-encoder.ts';
import { readRows } from './read-rows.ts';

type Type = { readonly sql: string; readonly kind: 'number' | 'text'; readonly value: fc.Arbitrary<ServerValue> };

const integer: Type = {
  ...{ sql: 'int NOT NULL', kind: 'number' },
  value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(String),
};
const decimal: Type = {
  ...{ sql: 'decimal(12,2) NOT NULL', kind: 'number' },
  value: fc.integer({ min: -1e9, max: 1e9 }).map((cents) => (cents / 100).toFixed(2)),
};
const date: Type = {
  ...{ sql: 'datetime NOT NULL', kind: 'text' },
  value: fc
    .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 19).replace('T', ' ')),
};
const hostile = fc.string({
  unit: fc.constantFrom(...'aN0nt\\"\'|,;\t\n\r\0 {}:-.', 'NULL', 'é', '1', '2024-01-01 00:00:00'),
  maxLength: 6,
});
const text: Type = {
  ...{ sql: 'varchar(200)', kind: 'text' },
  value: fc.option(hostile, { freq: 8 }),
};

const separators = ['\t', ',', ';', '|', '||', ':', ' '];
const lineEnds = ['\n', '\r\n', '|\n', '\r'];

type Told = ReadingFlags & { readonly batch?: boolean };

/** How the dump is written. */
const truths: fc.Arbitrary<OutfileOptions | 'batch'> = fc.oneof(
  { weight: 4, arbitrary: outfiles() },
  { weight: 1, arbitrary: fc.constant('batch' as const) },
);

function outfiles(): fc.Arbitrary<OutfileOptions> {
  return fc.record({
    terminatedBy: fc.constantFrom(...separators),
    enclosedBy: fc.constantFrom('', '"'),
    optionally: fc.boolean(),
    escapedBy: fc.constant('\\'),
    linesTerminatedBy: fc.constantFrom(...lineEnds),
  });
}

function flagsOf(truth: OutfileOptions | 'batch'): ReadingFlags {
  if (truth === 'batch') return { format: 'mysql-batch', header: false };
  const enclosure =
    truth.enclosedBy === '' ? {} : { [truth.optionally ? 'fieldsOptionallyEnclosedBy' : 'fieldsEnclosedBy']: '"' };
  return {
    ...{ format: 'mysql', fieldsTerminatedBy: truth.terminatedBy, linesTerminatedBy: truth.linesTerminatedBy },
    ...enclosure,
  };
}

/** One thing told wrong: the separator, the line terminator or the format. */
function wrongFlags(truth: OutfileOptions | 'batch'): fc.Arbitrary<Told> {
  const right = flagsOf(truth);
  const formats: fc.Arbitrary<Told> = fc.oneof(
    fc.record({ format: fc.constant('csv' as const), delimiter: fc.constantFrom(',', '\t', ';', '|') }),
    fc.constant<Told>({ format: 'mysql-batch', header: false }),
    fc.constant<Told>({ format: 'mysql' }),
    fc.constant<Told>({}),
  );
  if (truth === 'batch') return formats;
  return fc.oneof(
    fc.constantFrom(...separators).map((fieldsTerminatedBy) => ({ ...right, fieldsTerminatedBy })),
    fc.constantFrom(...lineEnds).map((linesTerminatedBy) => ({ ...right, linesTerminatedBy })),
    formats,
  );
}

const scenarios = fc
  .record({ typed: fc.shuffledSubarray([integer, decimal, date], { minLength: 2, maxLength: 2 }), truth: truths })
  .chain(({ typed, truth }) =>
    fc.record({
      truth: fc.constant(truth),
      types: fc
        .array(fc.constant(text), { maxLength: 2 })
        .chain((texts) => fc.shuffledSubarray([...typed, ...texts], { minLength: 2 + texts.length })),
      flags: wrongFlags(truth),
      // In fewer rows, a value of each may happen to end as its line is told to end.
      rowCount: fc.integer({ min: 4, max: 8 }),
    }),
  )
  .chain((scenario) =>
    fc.record({
      scenario: fc.constant(scenario),
      rows: fc.array(fc.tuple(...scenario.types.map(({ value }) => value)), {
        ...{ minLength: scenario.rowCount, maxLength: scenario.rowCount },
      }),
    }),
  );

test('a separator, line end or format told wrong never gives a wrong value without a refusal or reject', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'import-tokens-flags-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const schema = join(folder, 't.sql');
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(scenarios, async ({ scenario: { truth, types, flags }, rows }) => {
      const names = types.map((_, i) => `c${i}`);
      writeFileSync(schema, `CREATE TABLE t (${types.map(({ sql }, i) => `c${i} ${sql}`).join(', ')});`);
      const kinds = types.map(({ kind }) => kind);
      const bytes = truth === 'batch' ? encodeBatch(names, rows) : encodeOutfile(rows, kinds, truth);
      const isCsv = flags.format === 'csv';
      const read = await readRows(bytes, { ...flags, schema, ...(isCsv && { columns: names }) }).catch((error) => {
        if (error instanceof ImportError) return undefined;
        throw error;
      });
      if (read === undefined || read.rejects.length > 0) return;
      accepted++;
      expect(read.rows.map(comparable)).toEqual((truth === 'batch' ? rows.map(withoutNullWord) : rows).map(comparable));
    }),
    { numRuns: process.env['IMPORT_TOKENS_THOROUGH'] === '1' ? 20_000 : 500 },
  );
  // Some of what is told is right after all.
  expect(accepted).toBeGreaterThan(0);
});

/** DynamoDB keeps numbers without trailing zeros. */
function comparable(row: readonly unknown[]): readonly unknown[] {
  return row.map((value) => (/^-?\d+\.\d\d$/.test(String(value)) ? String(Number(value)) : value));
}

/** In the output of mysql --batch, text that is the word NULL cannot be told from NULL. */
function withoutNullWord(row: readonly ServerValue[]): readonly ServerValue[] {
  return row.map((value) => (value === 'NULL' ? null : value));
}
