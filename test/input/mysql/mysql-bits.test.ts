import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type TableColumn, withToldBits } from '../../../src/input/mysql/definition/table-column.ts';
import { parseTableDefinitions } from '../../../src/input/mysql/definition/table-definition.ts';
import { mysqlDialect } from '../../../src/input/mysql/mysql.ts';
import { bitsInDigits, provenBits } from '../../../src/input/mysql/mysql-sample.ts';
import { type MysqlSettings, mysqlDefaults } from '../../../src/input/mysql/mysql-settings.ts';
import { encodeOutfile, type OutfileOptions, type ServerType, type ServerValue } from '../../support/mysql-encoder.ts';
import { comparable, fixture, fixture97, readMysql, tableColumn } from './mysql-files.ts';

const columns = parseTableDefinitions(fixture('bit-columns/bits.sql').toString())[0]!.columns;
const binary = [false, true, false];
const rejected = 'undecodable';

describe('the samples of a table with a BIT column', () => {
  it.each([1, 2, 3, 7, 65_536])(
    'lose the rows in which a quote or an escape is raw, in chunks of %i bytes',
    (chunkBytes) => {
      const dialect = mysqlDialect({ fieldTerminator: ',', enclosure: '"', columns });
      const { rows, error } = readMysql(dialect, fixture('bit-columns/bits.txt'), binary, chunkBytes);
      expect(error).toBeUndefined();
      expect(rows.map((row) => row.fields ?? row.fault?.code)).toEqual([
        ['1', 'x0a', 'nl'],
        ['2', 'x2c', 'comma'],
        rejected,
        rejected,
        ['5', 'x09', 'tab'],
      ]);
    },
  );

  it.each([1, 2, 3, 7, 65_536])(
    'without quotes around it, also those with a raw separator, in chunks of %i bytes',
    (chunkBytes) => {
      const dialect = mysqlDialect({ fieldTerminator: ',', enclosure: '"', optionallyEnclosed: true, columns });
      const { rows, error } = readMysql(dialect, fixture('bit-columns/bits-optenclosed.txt'), binary, chunkBytes);
      expect(error).toBeUndefined();
      const codes = rows.map((row) => row.fields ?? row.fault?.code);
      expect(codes).toEqual([rejected, rejected, rejected, rejected, ['5', 'x09', 'tab']]);
      expect(rows.map((row) => row.line)).toEqual([1, 3, 4, 5, 6]);
    },
  );

  it('are rejected with the way out', () => {
    const dialect = mysqlDialect({ fieldTerminator: ',', enclosure: '"', columns });
    const fault = readMysql(dialect, fixture('bit-columns/bits.txt'), binary).rows[2]?.fault;
    expect(fault?.message).toContain('"b"');
    expect(fault?.message).toContain('(SELECT ..., `b`+0, ...) and pass --types b=N');
  });
});

describe('a BIT column that may be NULL', () => {
  const read = (bits: number, bytes: string, changes: Partial<TableColumn> = {}) => {
    const table = [
      tableColumn('id', 'number'),
      tableColumn('b', 'bit', { bits, ...changes }),
      tableColumn('t', 'text'),
    ];
    return readMysql(mysqlDialect({ columns: table }), Buffer.from(bytes, 'latin1'), binary).rows;
  };

  it('is NULL where the bytes can be no value', () => {
    expect(read(8, '1\t\\N\tx\n')[0]?.fields).toEqual(['1', null, 'x']);
    expect(read(14, '1\t\\N\tx\n')[0]?.fields).toEqual(['1', null, 'x']);
    expect(read(64, '1\t\\N\tlonger\n')[0]?.fields).toEqual(['1', null, 'longer']);
  });

  it('is rejected where its bytes are more than it can hold', () => {
    expect(read(1, '1\t1\tx\n')[0]?.fault?.code).toBe(rejected);
    expect(read(9, '1\t55\tx\n')[0]?.fault?.code).toBe(rejected);
    expect(read(1, '1\t\x01\tx\n')[0]?.fields).toEqual(['1', 'x01', 'x']);
  });

  it('is rejected where NULL and a value are written alike', () => {
    expect(read(16, '1\t\\N\tx\n')[0]?.fault?.code).toBe(rejected);
    expect(read(16, '1\t\\N\tx\n', { nullable: false })[0]?.fault?.code).toBe(rejected);
  });

  it('takes a value for one where, as NULL, it would leave the row without its fields', () => {
    const rows = read(24, '1\t\\N\t\tx\n2\tabc\ty\n');
    expect(rows.map((row) => row.fields ?? row.fault?.code)).toEqual([rejected, ['2', 'x616263', 'y']]);
  });

  it('rejects both rows where two readings of one end in different places', () => {
    const table = [tableColumn('id', 'number'), tableColumn('b', 'bit', { bits: 64 })];
    const { rows } = readMysql(
      mysqlDialect({ columns: table }),
      Buffer.from('9\t\\N\n10\t\\N\n11\tabcdefgh\n'),
      binary,
    );
    expect(rows.map((row) => row.fields ?? row.fault?.code)).toEqual([rejected, ['11', 'x6162636465666768']]);
  });
});

const special = [0x5c, 0x4e, 0x09, 0x0a, 0x0d, 0x2c, 0x22, 0x7c, 0x30];
const byte = fc.oneof(fc.constantFrom(...special), fc.integer({ min: 0, max: 255 }));
const bitColumn = fc.record({
  bits: fc.constantFrom(1, 7, 8, 9, 15, 16, 23, 24, 32, 63, 64),
  nullable: fc.boolean(),
});
function settingsOf(
  options: Partial<OutfileOptions>,
  columns: readonly TableColumn[],
  bits: MysqlSettings['bits'],
): MysqlSettings {
  return {
    ...mysqlDefaults,
    fieldTerminator: options.terminatedBy ?? '\t',
    enclosure: options.enclosedBy,
    optionallyEnclosed: options.optionally ?? false,
    lineTerminator: options.linesTerminatedBy ?? '\n',
    lineStart: options.linesStartingBy ?? '',
    ...{ columns, bits },
  };
}

const dialects: readonly Partial<OutfileOptions>[] = [
  {},
  { terminatedBy: ',', enclosedBy: '"' },
  { terminatedBy: ',', enclosedBy: '"', optionally: true },
  { terminatedBy: '|', linesTerminatedBy: '\r\n' },
  { terminatedBy: ',', enclosedBy: "'", optionally: true, linesTerminatedBy: '\r\n' },
  { terminatedBy: '||', linesTerminatedBy: '|\n', linesStartingBy: '0' },
  { terminatedBy: '\t,', enclosedBy: '"', optionally: true, linesTerminatedBy: ',\n' },
];

const bitTable = fc
  .array(fc.oneof(bitColumn, fc.constantFrom('text' as const, 'number' as const)), { minLength: 1, maxLength: 5 })
  .chain((kinds) => {
    const id = fc.constant('');
    const values = kinds.map((kind) => {
      if (kind === 'number') return fc.option(fc.nat(120).map(String));
      if (kind === 'text')
        return fc.option(fc.array(byte, { maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('latin1')));
      const length = Math.ceil(kind.bits / 8);
      const highest = 2 ** (kind.bits - 8 * (length - 1)) - 1;
      const raw = fc.array(byte, { minLength: length, maxLength: length }).map((bytes) => Uint8Array.from(bytes));
      const value = raw.filter((bytes) => bytes[0]! <= highest);
      return kind.nullable ? fc.option(value) : value;
    });
    return fc.record({
      kinds: fc.constant(kinds),
      rows: fc.array(fc.tuple(id, ...values), { maxLength: 14 }),
      idLast: fc.boolean(),
    });
  });

/** What the table's rows become: a BIT is its unsigned value. */
function asRead(value: ServerValue, type: ServerType): string | null {
  if (type !== 'bit' || value === null) return comparable(value);
  return String(BigInt(`0x${Buffer.from(value).toString('hex')}`));
}

const forms = ['raw', 'escaped'] as const;

test.each(forms)('no row of a table with %s BIT columns is ever read wrong, and most rows are read', (form) => {
  let written = 0;
  let read = 0;
  fc.assert(
    fc.property(
      bitTable,
      fc.constantFrom(...dialects),
      fc.constantFrom(1, 3, 65_536),
      fc.constantFrom('proven' as const, 'unproven' as const),
      ({ kinds, rows, idLast }, options, chunkBytes, told) => {
        const order = <T>([first, ...others]: readonly T[]) => (idLast ? [...others, first!] : [first!, ...others]);
        const types = order<ServerType>(['number', ...kinds.map((kind) => (typeof kind === 'string' ? kind : 'bit'))]);
        const table = order([
          tableColumn('id', 'number', { nullable: false }),
          ...kinds.map((kind, i) =>
            typeof kind === 'string' ? tableColumn(`c${i}`, kind) : tableColumn(`c${i}`, 'bit', kind),
          ),
        ]);
        const held = rows.map(([, ...values], i) => order([String(i), ...values]));
        const file = encodeOutfile(held, types, { ...options, bits: form });
        const settings = settingsOf(options, table, told === 'proven' ? form : 'unproven');
        const result = readMysql(mysqlDialect(settings), file, [], chunkBytes);
        expect(result.error).toBeUndefined();
        expect(result.rows.map((row) => row.raw).join('')).toBe(file.toString('latin1'));
        const idAt = idLast ? types.length - 1 : 0;
        for (const { fields } of result.rows) {
          if (fields === undefined) continue;
          const truth = held[Number(fields[idAt])];
          expect(fields).toEqual(truth?.map((value, i) => asRead(value, types[i]!)));
          read++;
        }
        const isRejected = (row: readonly ServerValue[]) => options.enclosedBy === undefined && row.includes('NULL');
        if (form === 'escaped' && told === 'proven') {
          expect(result.rows.filter(({ fields }) => fields === undefined)).toHaveLength(held.filter(isRejected).length);
        }
        expect([types.includes('bit') ? form : 'escaped', 'unproven']).toContain(provenBits(file, settings, table));
        written += held.length;
      },
    ),
    { numRuns: 1_000 },
  );
  expect(read / written).toBeGreaterThan(0.3);
});

test('where the ends of two readings lie a row apart, no piece of a row passes for one', () => {
  const table = [tableColumn('id', 'text', { nullable: false }), tableColumn('c0', 'bit', { bits: 64 })];
  const held = [
    ['k1', null],
    ['k22a\nb', Buffer.from('abcdefgh')],
    ['k3', Buffer.from('ABCDEFGH')],
  ] as const;
  // The NULL of the first row, read as a value, would go on to the line feed inside the second row's text.
  const file = encodeOutfile(held, ['text', 'bit']);
  for (const chunkBytes of [1, 3, 65_536]) {
    const { rows, error } = readMysql(mysqlDialect({ columns: table }), file, [false, true], chunkBytes);
    expect(error).toBeUndefined();
    expect(rows.map(({ fields }) => fields?.[0])).toEqual([undefined, 'k3']);
    expect(rows.map(({ raw }) => raw).join('')).toBe(file.toString('latin1'));
  }
});

test('after a row with two readings of different length, the rest of the last row is rejected', () => {
  const table = [
    tableColumn('id', 'number', { nullable: false }),
    tableColumn('c0', 'bit', { bits: 64, nullable: true }),
    tableColumn('c1', 'text'),
  ];
  const held = [
    ['0', null, '\u0001'],
    ['1', Uint8Array.from([0, 13, 10, 0, 0, 0, 92, 92]), null],
  ];
  const file = encodeOutfile(held, ['number', 'bit', 'text'], {
    ...{ terminatedBy: ',', enclosedBy: '"', optionally: true },
  });
  const dialect = mysqlDialect({
    ...{ fieldTerminator: ',', enclosure: '"', optionallyEnclosed: true, lineTerminator: '\n', columns: table },
  });
  for (const chunkBytes of [1, 3, 65_536]) {
    const { rows, error } = readMysql(dialect, file, [false, true, false], chunkBytes);
    expect(error).toBeUndefined();
    expect(rows.map(({ fields }) => fields)).toEqual([undefined]);
    expect(rows.map(({ raw }) => raw).join('')).toBe(file.toString('latin1'));
  }
});

describe('the dumps of MySQL 9.7', () => {
  const columnsOf = (name: string) => parseTableDefinitions(fixture97(`${name}.sql`).toString())[0]!.columns;

  it.each([1, 2, 3, 7, 64, 65_536])('hold BIT values with escapes, in chunks of %i bytes', (chunkBytes) => {
    const dialect = mysqlDialect({ columns: columnsOf('bits'), bits: 'escaped' });
    const { rows, error } = readMysql(dialect, fixture97('bits.txt'), [], chunkBytes);
    expect(error).toBeUndefined();
    expect(rows.map((row) => row.fields)).toEqual([
      ['a', String(0x02_0a), '1', '1'],
      ['b', '0', '0', '2'],
      ['c', null, null, '3'],
      ['d', String(0x02_09), '1', '4'],
      ['e', String(0x02_5c), '0', '5'],
      ['f', String(0x03_31), '1', '6'],
    ]);
  });

  it.each(['bits', 'tokens'])('prove it: %s', (name) => {
    const columns = columnsOf(name);
    expect(provenBits(fixture97(`${name}.txt`), mysqlDefaults, columns)).toBe('escaped');
  });

  it.each([1, 2, 3, 7, 64, 65_536])('hold what the server held, in chunks of %i bytes', (chunkBytes) => {
    const columns = columnsOf('tokens');
    const binary = columns.map((column) => column.binary);
    const { rows, error } = readMysql(
      mysqlDialect({ columns, bits: 'escaped' }),
      fixture97('tokens.txt'),
      binary,
      chunkBytes,
    );
    expect(error).toBeUndefined();
    const truth = fixture97('truth-mysql97.tsv').toString().split('\n').filter(Boolean);
    const held = truth.map((line) => line.split('\t').map((hex) => (hex === 'NULL' ? null : Buffer.from(hex, 'hex'))));
    const stored = columns.map((column, i) => ({ column, i })).filter(({ column }) => !column.generated);
    const asHeld = held.map((row) =>
      row.map((value, k) => {
        const { column } = stored[k]!;
        if (value === null || column.binary) return comparable(value);
        return column.bits === undefined ? value.toString() : String(value.readUIntBE(0, value.length));
      }),
    );
    expect(rows.map(({ fields }) => stored.map(({ i }) => fields?.[i]))).toEqual(asHeld);
  });
});

describe('what a sample proves of BIT columns', () => {
  const table = [tableColumn('b', 'bit', { bits: 16 }), tableColumn('t', 'text')];
  const proof = (values: readonly ServerValue[], options: Partial<OutfileOptions>, columns = table) => {
    const file = encodeOutfile(
      values.map((value) => [value, 'x']),
      ['bit', 'text'],
      options,
    );
    return provenBits(file, settingsOf(options, columns, 'raw'), columns);
  };
  const one = Uint8Array.of(0, 1);
  const digits = Buffer.from('12');

  it('is how they are written, by a NUL byte or by an escape', () => {
    expect(proof([digits, one], {})).toBe('raw');
    expect(proof([digits, one], { bits: 'escaped' })).toBe('escaped');
  });

  it('is seen in a row that is rejected, too', () => {
    const hostile = Uint8Array.of(0, 0x5c);
    expect(proof([hostile], {})).toBe('raw');
    expect(proof([hostile], { bits: 'escaped' })).toBe('escaped');
  });

  it('is nothing where all values look alike in both, or where two rows contradict each other', () => {
    expect(proof([digits, null], {})).toBe('unproven');
    const both = Buffer.from('\0\x01\tx\n\\0\x01\tx\n', 'latin1');
    expect(provenBits(both, mysqlDefaults, table)).toBe('unproven');
  });

  it('is told by quotes where only strings have them', () => {
    const optionally = { terminatedBy: ',', enclosedBy: '"', optionally: true };
    expect(proof([digits], optionally)).toBe('raw');
    expect(proof([digits], { ...optionally, bits: 'escaped' })).toBe('escaped');
    expect(proof([null], optionally)).toBe('unproven');
  });

  it('does not matter without such columns, or in what the client wrote', () => {
    expect(provenBits(Buffer.from('1\tx\n'), mysqlDefaults, [table[1]!, table[1]!])).toBe('escaped');
    expect(provenBits(Buffer.from('1\tx\n'), { ...mysqlDefaults, batch: true }, table)).toBe('escaped');
  });

  it('leaves a row alone that holds an unescaped NUL byte among escaped ones', () => {
    const file = Buffer.from('\\0\x01\tx\n\0\x01\tx\n', 'latin1');
    const { rows } = readMysql(mysqlDialect({ columns: table, bits: 'escaped' }), file, []);
    expect(rows.map((row) => row.fields ?? row.fault?.code)).toEqual([['1', 'x'], rejected]);
  });
});

describe('a BIT column in digits', () => {
  const table = [tableColumn('a', 'bit', { bits: 8 }), tableColumn('b', 'bit', { bits: 1 }), tableColumn('t', 'text')];

  it('is named where every value is digits', () => {
    const asked = (text: string) => bitsInDigits(Buffer.from(text, 'latin1'), mysqlDefaults, table);
    expect(asked('1\t0\tx\n255\t1\ty\n')).toEqual(['a', 'b']);
    expect(asked('1\t\x01\tx\n\\N\t\0\ty\n')).toEqual(['a']);
    expect(asked('\\N\t\\N\tx\n')).toEqual([]);
    expect(asked('1\t\x01\tx\nz\t\0\ty\n')).toEqual([]);
  });

  it('is a number where --types says so, whatever its length', () => {
    const told = withToldBits(table, { a: 'N', b: 'BOOL' });
    const { rows } = readMysql(mysqlDialect({ columns: told }), Buffer.from('255\t1\tx\n7\t\0\ty\nz\t1\tz\n'), []);
    expect(rows.map((row) => row.fields ?? row.fault?.code)).toEqual([['255', '1', 'x'], ['7', '0', 'y'], rejected]);
    expect(told[0]).toMatchObject({ type: 'N', binary: false });
    expect(told[0]).not.toHaveProperty('bits');
  });

  it('is its bytes where --types says B', () => {
    const told = withToldBits(table, { a: 'B' });
    const dialect = mysqlDialect({ columns: told });
    const binaryOf = told.map((column) => column.binary);
    expect(readMysql(dialect, Buffer.from('7\t\0\tx\n'), binaryOf).rows[0]?.fields).toEqual(['x37', '0', 'x']);
  });

  it('of one bit is true or false in either form, escaped too', () => {
    const told = withToldBits(table, { b: 'BOOL' });
    for (const bits of ['raw', 'escaped', 'unproven'] as const) {
      const dialect = mysqlDialect({ columns: told, bits });
      const { rows } = readMysql(dialect, Buffer.from('7\t0\tx\n7\t1\tx\n7\t\x01\tx\n7\t2\tx\n'), []);
      expect(rows.map((row) => row.fields?.[1])).toEqual(['0', '1', '1', undefined]);
    }
  });
});
