import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/domain/column.ts';
import { ImportError } from '../../../src/domain/import-error.ts';
import { binaryFields, type ColumnSettings, resolveColumns } from '../../../src/input/columns/columns.ts';

const names = ['token', 'user_id', 'created_at', 'raw'];

const settings: ColumnSettings = {
  types: {},
  rename: {},
  omit: [],
  tableKey: [{ name: 'token', type: 'S' }],
  indexes: [],
};

function resolve(more: Partial<ColumnSettings>, sourceNames: readonly string[] = names): Column[] {
  return resolveColumns(sourceNames, { ...settings, ...more });
}

function column(name: string, columns: readonly Column[]): Column | undefined {
  return columns.find((candidate) => candidate.name === name);
}

/** The fault of a run that the work ends in. */
function problemOf(work: () => unknown): Pick<ImportError, 'code' | 'message' | 'hint'> {
  try {
    work();
  } catch (error) {
    if (error instanceof ImportError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('Expected an ImportError');
}

describe('columns', () => {
  it('become attributes in source order, S where nothing says otherwise', () => {
    expect(resolve({})).toEqual([
      {
        sourceName: 'token',
        fieldIndex: 0,
        name: 'token',
        type: 'S',
        key: { type: 'S', maxBytes: 2048, required: true, label: "the table's partition key" },
      },
      { sourceName: 'user_id', fieldIndex: 1, name: 'user_id', type: 'S' },
      { sourceName: 'created_at', fieldIndex: 2, name: 'created_at', type: 'S' },
      { sourceName: 'raw', fieldIndex: 3, name: 'raw', type: 'S' },
    ]);
  });

  it('are renamed and left out, and keep the place of their field', () => {
    const columns = resolve({ rename: { user_id: 'raw', raw: 'user_id' }, omit: ['created_at'] });
    expect(columns.map(({ sourceName, fieldIndex, name }) => [sourceName, fieldIndex, name])).toEqual([
      ['token', 0, 'token'],
      ['user_id', 1, 'raw'],
      ['raw', 3, 'user_id'],
    ]);
  });

  it('take their type from --types, then from the table definition', () => {
    const sourceTypes = { user_id: { type: 'N', binary: false }, raw: { type: 'B', binary: true } } as const;
    const columns = resolve({ types: { created_at: 'EPOCH', raw: 'S' }, sourceTypes });
    expect(columns.map(({ type }) => type)).toEqual(['S', 'N', 'EPOCH', 'S']);
    expect(binaryFields(names, sourceTypes)).toEqual([false, false, false, true]);
    expect(binaryFields(names)).toEqual([false, false, false, false]);
  });

  it('keep what they are declared to be, unless --types gives another type', () => {
    const declared = { sqlType: 'varchar(9)', nullable: true, writtenBy: 'mysql' } as const;
    const defined = { type: 'S', binary: false, declared } as const;
    const columns = resolve({ types: { raw: 'S' }, sourceTypes: { raw: defined, token: defined } });
    expect(column('token', columns)?.declared).toEqual(declared);
    expect(column('raw', columns)).not.toHaveProperty('declared');
  });

  it.each(['HEX', 'BASE64'] as const)('may be a key of bytes that is written as %s', (type) => {
    const columns = resolve({ tableKey: [{ name: 'raw', type: 'B' }], types: { raw: type } });
    expect(column('raw', columns)).toMatchObject({ type, key: { type: 'B' } });
    expect(() => resolve({ tableKey: [{ name: 'raw', type: 'S' }], types: { raw: type } })).toThrow(/contradicts/);
    expect(column('raw', resolve({ tableKey: [], keyNames: ['raw'], types: { raw: type } }))?.key?.type).toBe('B');
  });

  it('named like members of every object have no settings by accident', () => {
    const odd = ['token', 'constructor', '__proto__', 'toString'];
    expect(resolve({ sourceTypes: {} }, odd).map(({ type }) => type)).toEqual(['S', 'S', 'S', 'S']);
    expect(binaryFields(odd, {})).toEqual([false, false, false, false]);
  });

  it('that are keys take the type of the table, whatever the definition says', () => {
    const columns = resolve({
      tableKey: [
        { name: 'id', type: 'N' },
        { name: 'created_at', type: 'S' },
      ],
      rename: { user_id: 'id' },
      sourceTypes: { user_id: { type: 'S', binary: false }, created_at: { type: 'N', binary: false } },
    });
    expect(column('id', columns)).toMatchObject({
      type: 'N',
      key: { maxBytes: 2048, label: "the table's partition key" },
    });
    expect(column('created_at', columns)).toMatchObject({
      type: 'S',
      key: { maxBytes: 1024, required: true, label: "the table's sort key" },
    });
  });

  it('that are seconds may be a key of type N', () => {
    const columns = resolve({ tableKey: [{ name: 'created_at', type: 'N' }], types: { created_at: 'EPOCH' } });
    expect(column('created_at', columns)).toMatchObject({ type: 'EPOCH', key: { type: 'N' } });
  });

  it('that are keys of indexes may be absent, and have the smaller limit where they are two keys', () => {
    const columns = resolve({
      indexes: [
        {
          name: 'by-user',
          key: [
            { name: 'user_id', type: 'N' },
            { name: 'token', type: 'S' },
          ],
        },
        {
          name: 'by-time',
          key: [
            { name: 'created_at', type: 'S' },
            { name: 'user_id', type: 'N' },
          ],
        },
        { name: 'sparse', key: [{ name: 'not_there', type: 'S' }] },
      ],
    });
    expect(column('token', columns)?.key).toEqual({
      type: 'S',
      maxBytes: 1024,
      required: true,
      label: "the table's partition key",
    });
    expect(column('user_id', columns)).toMatchObject({
      type: 'N',
      key: { type: 'N', maxBytes: 1024, required: false, label: 'the partition key of index "by-user"' },
    });
    expect(column('created_at', columns)?.key).toMatchObject({ maxBytes: 2048, required: false });
  });

  it('have the limit of the part of an index key that they belong to', () => {
    const key = (['user_id', 'raw', 'created_at'] as const).map((name) => ({ name, type: 'S' as const }));
    const columns = resolve({ indexes: [{ name: 'wide', key, partitionAttributes: 2 }] });
    expect(key.map(({ name }) => column(name, columns)?.key)).toMatchObject([
      { maxBytes: 2048, label: 'the partition key of index "wide"' },
      { maxBytes: 2048, label: 'the partition key of index "wide"' },
      { maxBytes: 1024, label: 'the sort key of index "wide"' },
    ]);
  });

  it('are keys by --key where the table is not described, with the type that is told', () => {
    const keys = (more: Partial<ColumnSettings>) => {
      const columns = resolve({ tableKey: [], keyNames: ['user_id', 'raw'], ...more });
      return columns.filter(({ key }) => key?.required).map(({ type, key }) => [type, key?.type, key?.maxBytes]);
    };
    expect(keys({})).toEqual([
      ['S', 'S', 2048],
      ['S', 'S', 1024],
    ]);
    const sourceTypes = { user_id: { type: 'N', binary: false }, raw: { type: 'B', binary: true } } as const;
    expect(keys({ sourceTypes, types: { user_id: 'EPOCH' } })).toEqual([
      ['EPOCH', 'N', 2048],
      ['B', 'B', 1024],
    ]);
    expect(problemOf(() => keys({ types: { user_id: 'BOOL' } }))).toEqual({
      code: 'usage',
      message: 'column "user_id" is the table\'s partition key and cannot be BOOL',
      hint: 'Pass S, N or B for a key: --types user_id=S',
    });
  });
});

describe('settings of columns', () => {
  it.each([
    ['--types', { types: { user_idd: 'N' } }],
    ['--rename', { rename: { user_idd: 'x' } }],
    ['--omit', { omit: ['user_idd'] }],
  ] as const)('of %s that name no column are refused with the columns and the closest', (flag, more) => {
    expect(problemOf(() => resolve(more))).toEqual({
      code: 'usage',
      message: `${flag} names no column: "user_idd"; the source has "token", "user_id", "created_at", "raw"`,
      hint: 'Pass a name of the source: did you mean "user_id"?',
    });
  });

  it('that use the new name of a column are told the old one', () => {
    expect(problemOf(() => resolve({ rename: { user_id: 'owner' }, types: { owner: 'N' } })).hint).toBe(
      'Pass the name of the source, "user_id", not "owner".',
    );
  });

  it('that make one attribute of two columns are refused', () => {
    expect(problemOf(() => resolve({ rename: { user_id: 'raw' } }))).toMatchObject({
      code: 'usage',
      message: 'columns "user_id", "raw" would both become attribute "raw"',
    });
  });

  it('that contradict the type of a key are refused', () => {
    expect(problemOf(() => resolve({ types: { token: 'N' } }))).toEqual({
      code: 'usage',
      message: "--types token=N contradicts the table: the table's partition key is S",
      hint: 'Remove "token" from --types.',
    });
    const indexes = [{ name: 'by-user', key: [{ name: 'user_id', type: 'N' }] }] as const;
    expect(problemOf(() => resolve({ indexes, types: { user_id: 'S' } })).message).toBe(
      '--types user_id=S contradicts the table: the partition key of index "by-user" is N',
    );
  });

  it('list only as many columns as can be read', () => {
    const many = Array.from({ length: 500 }, (_, i) => `column_${i}`);
    const { message } = problemOf(() => resolve({ omit: ['token'], namesTold: true }, many));
    expect(message).toMatch(/"column_29" and 470 more$/);
  });
});

describe('a key attribute without a column', () => {
  function missing(more: Partial<ColumnSettings>, sourceNames?: readonly string[]) {
    const problem = problemOf(() => resolve(more, sourceNames));
    expect(problem.code).toBe('key-column-missing');
    return problem;
  }

  it('is named, with the column that was probably meant, where the names are told', () => {
    const problem = missing({ namesTold: true }, ['access_token', 'user_id']);
    expect(problem.message).toBe(
      'no column gives "token", the table\'s partition key; the source has "access_token", "user_id"',
    );
    expect(problem.hint).toBe('Pass --rename access_token=token.');
    expect(missing({ namesTold: true }, ['Tokn', 'user_id']).hint).toBe('Pass --rename Tokn=token.');
    expect(missing({ namesTold: true }, ['a', 'b']).hint).toBe('Pass --rename OLDNAME=token.');
  });

  it('is named without a field of the first row, which may be data', () => {
    const hint =
      'Pass --no-header and --columns if the first row is data, or --rename OLDNAME=token if its column has another name.';
    const row = ['secret-token', 'secret-user'];
    expect(missing({}, row)).toMatchObject({ message: 'no column gives "token", the table\'s partition key', hint });
    expect(
      missing(
        {
          tableKey: [
            { name: 'token', type: 'S' },
            { name: 'at', type: 'S' },
          ],
        },
        ['token', 'secret'],
      ).message,
    ).toBe('no column gives "at", the table\'s sort key');
    for (const flag of [{ types: { user: 'N' } }, { omit: ['secret'] }, { rename: { user: 'secret' } }] as const) {
      const { code, message, hint: how } = problemOf(() => resolve(flag, row));
      expect(code).toBe('usage');
      expect(`${message} ${how}`).not.toMatch(/secret-(token|user)/);
    }
  });

  it('is named with the flag that took the column away', () => {
    expect(missing({ omit: ['token'] }).hint).toBe('Remove "token" from --omit.');
    expect(missing({ rename: { token: 'id' } }).hint).toBe('Remove token=id from --rename.');
  });

  it('may be the sort key, or come from --key', () => {
    expect(missing({ tableKey: [...settings.tableKey, { name: 'at', type: 'S' }] }).message).toContain(
      "the table's sort key",
    );
    expect(missing({ tableKey: [], keyNames: ['id'] }).message).toContain('"id"');
  });
});
