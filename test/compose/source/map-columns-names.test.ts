import { describe, expect, test } from 'vitest';
import { nameColumns } from '../../../src/compose/source/map-columns.ts';
import { defaults, type ImportOptions } from '../../../src/options/import-options.ts';
import { readRows } from './read-rows.ts';

const row = ['planted-token', 'user'];

function named(changes: Partial<ImportOptions>, defined = { hasKey: false, names: [] as readonly string[] }) {
  const options: ImportOptions = {
    ...{ ...defaults, repository: 'memory', sources: ['tokens.csv'], settings: [], given: [], settleMs: 0 },
    ...changes,
  };
  return nameColumns(row, options, defined);
}

describe('a first row that nothing shows to be a header', () => {
  test('gives a rehearsal numbers for names, and the bytes of the names for the sizes of its items', () => {
    expect(named({})).toEqual({
      names: ['column 1', 'column 2'],
      nameBytes: [13, 4],
      note: 'the first row is read as the header, and its names are shown once --header or --key confirms them',
    });
    expect(named({ types: { other: 'N' } }).names).toEqual(['column 1', 'column 2']);
  });

  test.each([
    ['--header', { header: true }],
    ['--key, whose column is looked for', { key: ['token'] }],
    ['--types', { types: { user: 'N' } }],
    ['--rename', { rename: { user: 'owner' } }],
    ['--omit', { omit: ['user'] }],
    ['--if-exists', { ifExists: { kind: 'newer', column: 'user' } }],
    ['a table, whose key is looked for', { repository: 'dynamodb' }],
    ["a repository of the caller's own", { repository: 'own' }],
  ] as const)('gives its names with %s', (_, changes) => {
    expect(named(changes)).toEqual({ names: row });
  });

  test('gives its names where the table definition has a key or all of them', () => {
    expect(named({}, { hasKey: true, names: ['token'] })).toEqual({ names: row });
    expect(named({}, { hasKey: false, names: ['user', 'planted-token', 'more'] })).toEqual({ names: row });
    expect(named({}, { hasKey: false, names: ['user'] }).names).toEqual(['column 1', 'column 2']);
  });
});

test('mysql --batch names its columns even where --omit leaves one of them out', async () => {
  const source = Buffer.from('id\tname\tn\n1\ta\tx\n2\tb\ty\n');
  for (const [omit, expected] of [
    [
      ['n'],
      [
        ['1', 'a'],
        ['2', 'b'],
      ],
    ],
    [
      ['name'],
      [
        ['1', 'x'],
        ['2', 'y'],
      ],
    ],
  ] as const) {
    const { rows } = await readRows(source, { format: 'mysql-batch', header: true, omit });
    expect(rows).toEqual(expected);
  }
});
