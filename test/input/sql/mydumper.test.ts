import { describe, expect, test } from 'vitest';
import { isFinished, isMydumperFolder, mydumperTables } from '../../../src/input/sql/mydumper.ts';
import { seededRandom, shuffled } from '../../support/seeded-random.ts';

const names = [
  'metadata',
  'app-schema-create.sql',
  'app.tokens-schema.sql.gz',
  'app.tokens-schema-triggers.sql.gz',
  ...['00000', '00001', '00002', '00009', '00010', '100000'].map((chunk) => `app.tokens.${chunk}.sql.gz`),
  'app.users-schema.sql',
  'app.users.sql',
  'app.empty-schema.sql',
  'app.view-schema.sql',
  'app.view-schema-view.sql',
  'app.with.dots.00000.00000.sql',
  'app.with.dots.00000.00001.sql',
  'app.with.dots.00001.00000.sql',
  'other.tokens.00000.sql.zst',
];

describe('a folder of mydumper', () => {
  test('holds the tables whose files are in it, with their chunks in order', () => {
    const tables = mydumperTables(shuffled(seededRandom(7), names), 'dump');
    expect(tables.map(({ database, name, schemaFile, rowFiles }) => [database, name, schemaFile, rowFiles])).toEqual([
      ['app', 'empty', 'app.empty-schema.sql', []],
      [
        ...['app', 'tokens', 'app.tokens-schema.sql.gz'],
        ['00000', '00001', '00002', '00009', '00010', '100000'].map((chunk) => `app.tokens.${chunk}.sql.gz`),
      ],
      ['app', 'users', 'app.users-schema.sql', ['app.users.sql']],
      ['app', 'view', 'app.view-schema.sql', []],
      [
        ...['app', 'with.dots', undefined],
        ['00000.00000', '00000.00001', '00001.00000'].map((chunk) => `app.with.dots.${chunk}.sql`),
      ],
      ['other', 'tokens', undefined, ['other.tokens.00000.sql.zst']],
    ]);
  });

  test('is told by its metadata, finished or not', () => {
    expect(isMydumperFolder(names)).toBe(true);
    expect(isMydumperFolder(['metadata.partial', 'app.tokens.sql'])).toBe(true);
    expect(isMydumperFolder(['metadata', 'tokens.csv'])).toBe(false);
    expect(isMydumperFolder(['app.tokens.sql'])).toBe(false);
  });

  test('of rows in another form is refused by name', () => {
    expect(() => mydumperTables([...names, 'app.tokens.00000.dat'], 'dump')).toThrow('dump holds app.tokens.00000.dat');
    expect(() => mydumperTables(['metadata', 'app.tokens.00000.csv.gz'], 'dump')).toThrow(
      'only rows that mydumper wrote as SQL',
    );
    expect(() => mydumperTables(['@.json', '@.done.json', 'app@tokens@0.tsv.zst'], 'dump')).toThrow('MySQL Shell');
  });

  test.each([
    ['Started dump at: 2026-11-27 04:31:40\nFinished dump at: 2026-11-27 04:31:41\n', true],
    ['# Started dump at: 2026-11-27 04:31:40\n[config]\n# Finished dump at: 2026-11-27 04:31:41\n', true],
    ['Started dump at: 2026-11-27 04:31:40\nFinished dump at: 2026-11-27 04:3', false],
    ['Started dump at: 2026-11-27 04:31:40\n', false],
    ['', false],
  ])('metadata %j says whether it is whole', (metadata, finished) => {
    expect(isFinished(metadata)).toBe(finished);
  });
});
