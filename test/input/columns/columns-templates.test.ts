import { expect, test } from 'vitest';
import { parseTemplate } from '../../../src/domain/column.ts';
import { type ColumnSettings, resolveColumns } from '../../../src/input/columns/columns.ts';

const names = ['token', 'user_id', 'n'];

function resolve(set: readonly string[], more: Partial<ColumnSettings> = {}) {
  const templates = set.map(parseTemplate);
  const none: ColumnSettings = { types: {}, rename: {}, omit: names, tableKey: [], indexes: [] };
  return resolveColumns(names, { ...none, templates, ...more });
}

test('templates can be keys of the table and its indexes, with their types and limits', () => {
  const tableKey = [
    { name: 'pk', type: 'S' },
    { name: 'sk', type: 'N' },
  ] as const;
  const indexes = [
    {
      name: 'by-sort',
      key: [
        { name: 'user', type: 'S' },
        { name: 'pk', type: 'S' },
      ] as const,
    },
  ];
  const columns = resolve(['pk=TOKEN#{token}', 'sk={n}', 'user={user_id}', 'note=x'], { tableKey, indexes });
  expect(columns.map(({ name, type, key }) => [name, type, key?.maxBytes, key?.required])).toEqual([
    ['pk', 'S', 1024, true],
    ['sk', 'N', 1024, true],
    ['user', 'S', 2048, false],
    ['note', 'S', undefined, undefined],
  ]);
});

test.each([
  ['pk:N={n}', 'S', "--set pk is N, but the table's partition key is S", "Write --set 'pk=TEXT', without a type."],
  ['pk={n}', 'B', "--set pk is S or N, but the table's partition key is B", 'Take this key from a column.'],
] as const)('%s is refused for a key of type %s', (text, type, message, hint) => {
  expect(() => resolve([text], { tableKey: [{ name: 'pk', type }] })).toThrow(
    expect.objectContaining({ message, hint }),
  );
});

test('a key without a column is refused, as every row would have it', () => {
  const tableKey = ['pk', 'sk'].map((name) => ({ name, type: 'S' as const }));
  expect(() => resolve(['pk=TOKEN', 'sk=1'], { tableKey })).toThrow('--set gives every row the same key');
  expect(resolve(['pk=TOKEN', 'sk={n}'], { tableKey })).toHaveLength(2);
});

test('an omitted column that a template takes is checked against its declared type', () => {
  const declared = { sqlType: 'int', nullable: false, writtenBy: 'mysql' } as const;
  const sourceTypes = { n: { type: 'N', binary: false, declared } } as const;
  const keyNames = ['pk'];
  const field = { sourceName: 'n', fieldIndex: 2 };
  const [made] = resolve(['pk={n}'], { sourceTypes, keyNames });
  expect(made?.template).toEqual([{ ...field, declared: { column: declared, type: 'N' } }]);
  // The column checks it itself.
  expect(resolve(['pk={n}'], { sourceTypes, keyNames, omit: [] }).at(-1)?.template).toEqual([field]);
});
