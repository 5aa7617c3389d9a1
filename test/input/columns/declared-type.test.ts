import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType, Field } from '../../../src/domain/column.ts';
import { parseDecimal } from '../../../src/domain/number.ts';
import { FieldFault } from '../../../src/input/columns/column-fault.ts';
import { declaredCheck, declaredColumn } from '../../../src/input/columns/declared-type.ts';
import { parseTableDefinitions } from '../../../src/input/mysql/definition/table-definition.ts';

/** The check of a column declared so, as its CREATE TABLE is read. */
function checkOf(declaration: string, writtenBy: 'mysql' | 'csv' = 'mysql', type?: ColumnType) {
  const column = parseTableDefinitions(`CREATE TABLE t (x ${declaration})`)[0]!.columns[0]!;
  const declared = declaredColumn(column, writtenBy);
  return declared === undefined ? undefined : declaredCheck('x', declared, type ?? column.type);
}

const faultOf = (declaration: string, field: Field, writtenBy?: 'mysql' | 'csv', type?: ColumnType) =>
  checkOf(declaration, writtenBy, type)?.check(field);
const fits = (...args: Parameters<typeof faultOf>) => faultOf(...args) === undefined;

/** A declaration, fields that the server writes of it, and fields that it does not. */
const declarations: readonly (readonly [string, readonly Field[], readonly Field[]])[] = [
  ['tinyint(1)', ['0', '-128', '127', '-0'], ['128', '-129', '', '-', '1.0', '1e1', '+1', ' 1', 'x', '0x1']],
  ['bool', ['1'], ['true']],
  ['tinyint unsigned', ['0', '255'], ['256', '-1']],
  ['smallint(6)', ['-32768', '32767'], ['32768', '-32769']],
  ['mediumint(8) unsigned', ['16777215'], ['16777216']],
  ['int', ['-2147483648', '2147483647'], ['2147483648', '-2147483649', `${'9'.repeat(9999)}`]],
  ['int(5) unsigned zerofill', ['00007', '4294967295', '99999'], ['4294967296', '-00007']],
  ['bigint', ['-9223372036854775808', '9223372036854775807'], ['9223372036854775808', '-9223372036854775809']],
  ['bigint(20) unsigned', ['18446744073709551615'], ['18446744073709551616']],
  ['serial', ['18446744073709551615'], ['-1', null]],
  ['decimal(5,2)', ['999.99', '-999.99', '0.00', '-0.00', '001.50'], ['1000.00', '1.234', '.5', '1.', '1e2', '']],
  ['decimal(5,2) unsigned', ['0.00', '-0.00'], ['-0.01']],
  ['decimal(2,2)', ['0.50', '-0.99'], ['1.00', '1.5']],
  ['decimal(10,0)', ['9999999999'], ['10000000000', '0.5']],
  ['decimal', ['9999999999'], ['10000000000']],
  ['float', ['1.5', '-0', '1e20', '1.5e-7', '3.40282e38', '1e+20', '000.000'], ['nan', 'inf', '1,5', '', '.5', '0x1']],
  ['float(7,3) unsigned zerofill', ['001.500', '-0'], ['-1']],
  ['double', ['-1.7976931348623157e308', '2.2250738585072014e-308', '0'], ['e5', '1e', '-']],
  ['year', ['0000', '1901', '2155'], ['0', '2156', '1899', '99', '-2024', '']],
  ['year(2)', ['00', '99'], ['9', '999']],
  [
    'date',
    ['2024-01-02', '0000-00-00', '2024-00-00', '2024-02-31', '9999-12-31'],
    ['2024-13-01', '2024-01-32', '2024-1-2', '2024-01-02 00:00:00', '', '20240102', '2024/01/02', '2024-01-02\n'],
  ],
  [
    'datetime',
    ['2024-01-02 03:04:05', '0000-00-00 00:00:00'],
    ['2024-01-02 03:04:05.0', '2024-01-02 24:00:00', '2024-01-02', '2024-01-02T03:04:05', '2024-01-02 03:04'],
  ],
  ['datetime(6)', ['2024-01-02 03:04:05.000001'], ['2024-01-02 03:04:05', '2024-01-02 03:04:05.00001']],
  ['timestamp(3)', ['1970-01-01 00:00:01.000'], ['1970-01-01 00:00:01.00', '1970-01-01 00:60:00.000']],
  ['time', ['00:00:00', '-838:59:59', '838:59:59', '99:00:00'], ['839:00:00', '1:00:00', '00:60:00', '00:00']],
  ['time(3)', ['-838:59:59.999', '00:00:00.000'], ['00:00:00', '-838:59:59.9999']],
  [
    "enum('a','b''c','d\\\\\\\\e','f,g','1')",
    ['a', "b'c", 'd\\\\e', 'f,g', '1', ''],
    ['A', 'b', 'f', '2', 'a ', "b''c"],
  ],
  ["set('a','b','c')", ['', 'a', 'a,c', 'a,b,c'], ['d', 'a,', ',a', 'a, b', 'a,d', 'ab']],
  ["set('','a')", ['', ',a', 'a'], ['b', ',b']],
  ["enum('é','?')", ['é', '?', '😀'], ['e', 'x']],
  ['char(3)', ['', 'abc', 'äöü', '😀😀😀'], ['abcd', '😀😀😀😀', '😀😀ab']],
  ['char', ['a', ''], ['ab']],
  ['char(0)', [''], ['a']],
  ['varchar(64) character set latin1', ['é'.repeat(64)], ['é'.repeat(65)]],
  ['national varchar(2)', ['ab'], ['abc']],
  ['character varying(2)', ['ab'], ['abc']],
  ['nchar(2)', ['ab'], ['abc']],
  ['tinytext', ['a'.repeat(255)], ['a'.repeat(256)]],
  ['text', ['a'.repeat(65_535)], ['a'.repeat(65_536)]],
  ['binary(4)', [Buffer.from('\0\0\0\0')], [Buffer.from('abc'), Buffer.from('abcde'), Buffer.alloc(0)]],
  ['binary', [Buffer.from('a')], [Buffer.alloc(0), Buffer.alloc(2)]],
  ['char(4) byte', [Buffer.alloc(4)], [Buffer.alloc(3)]],
  ['varbinary(4)', [Buffer.alloc(0), Buffer.alloc(4)], [Buffer.alloc(5)]],
  ['varchar(4) character set binary', [Buffer.alloc(0), Buffer.alloc(4)], [Buffer.alloc(5)]],
  ['tinyblob', [Buffer.alloc(255)], [Buffer.alloc(256)]],
  ['blob', [Buffer.alloc(65_535)], [Buffer.alloc(65_536)]],
];

describe('a field of MySQL text', () => {
  it.each(declarations)('declared %s is a value of that type, or not as declared', (declaration, good, bad) => {
    for (const field of good) expect.soft(faultOf(declaration, field), String(field)).toBeUndefined();
    for (const field of bad) {
      const fault = faultOf(`${declaration} NOT NULL`, field);
      expect.soft(fault, String(field).slice(0, 80)).toMatchObject({ code: 'not-as-declared' });
    }
  });

  it.each([
    ['varchar(64)', 'a'.repeat(1270), 'is not a varchar(64): 1,270 characters'],
    ['int unsigned', '-1', 'is not an int unsigned'],
    ['int', '', 'is not an int (it is empty)'],
    ['bigint(20)', '2024-01-02', 'is not a bigint(20) (it looks like a date; see --types x=EPOCH)'],
    ["enum('a','b')", 'c', "is not an enum('a','b')"],
    ['varchar(9) NOT NULL', null, 'is NULL, but it is declared varchar(9) NOT NULL'],
    ['varbinary(2)', Buffer.from('xyz'), 'is not a varbinary(2): 3 bytes'],
    ['binary(16)', Buffer.from('0'.repeat(32)), 'is not a binary(16): 32 bytes; --types x=HEX reads its hex digits'],
    ['binary(2)', Buffer.from('0xABcd'), 'is not a binary(2): 6 bytes; --types x=HEX reads its hex digits'],
    [
      'binary(16)',
      Buffer.from('6ccd780c-baba-1026-9564-5b8c656024db'),
      'is not a binary(16): 36 bytes; --types x=HEX reads its hex digits',
    ],
    [
      'binary(16)',
      Buffer.from('A'.repeat(22).concat('==')),
      'is not a binary(16): 24 bytes; --types x=BASE64 reads its base64',
    ],
    ['binary(16)', Buffer.from('z'.repeat(32)), 'is not a binary(16): 32 bytes'],
  ])('declared %s is refused with its declared type', (declaration, field, message) => {
    expect(faultOf(declaration, field)).toEqual(new FieldFault('not-as-declared', `column "x" ${message}`));
  });

  it('names a long list of members in part', () => {
    const members = Array.from({ length: 999 }, (_, i) => `'😀${i}'`).join(',');
    expect(faultOf(`enum(${members})`, 'x')?.message).toMatch(
      /^column "x" is not an enum\('😀0','😀1'.{20,50}\.\.\.$/u,
    );
  });

  it.each([
    'json',
    'uuid',
    'inet6',
    'point',
    'vector(3)',
    'bit(3)',
    'longtext',
    'longblob',
    'varchar2(3)',
    "enum('a','b') charset binary",
  ])('declared %s is taken as it is', (declaration) => {
    for (const field of ['', 'anything', '😀'.repeat(99), '\0']) expect(fits(declaration, field)).toBe(true);
  });

  it('may be NULL where the column is nullable, or is computed', () => {
    for (const declaration of ['int', 'varchar(9)', 'date', 'binary(2)', "enum('a')", 'json']) {
      expect(fits(declaration, null)).toBe(true);
      expect(fits(`${declaration} NOT NULL`, null)).toBe(false);
      expect(fits(`${declaration} GENERATED ALWAYS AS (1) VIRTUAL NOT NULL`, null)).toBe(true);
    }
  });
});

describe('a field of CSV', () => {
  it.each<readonly [string, readonly Field[], readonly Field[]]>([
    ['int', ['1', '1.0', '1e3', '+5', '-2147483648.00', '007'], ['1.5', '2147483648', '1e99', '1e-1', 'true', 'NaN']],
    ['int unsigned', ['-0', '0.0'], ['-1', '-1e3']],
    ['decimal(5,2)', ['1.5', '1.500', '1e2', '.5', '999.99'], ['1000', '1.005', '19.989999999999998']],
    ['double unsigned', ['1E5', '.5', '-0.0'], ['-1e-9', 'x']],
    ['year', ['0', '2024', '2024.0'], ['2156', '-1', 'x']],
    ['date', ['1/2/2024', 'x'], []],
    ['datetime', ['x'], []],
    ["enum('a','b')", ['a'], ['c', 'A']],
    ["set('a','b')", ['a,b'], ['a;b']],
    ['varchar(2)', ['ab', '😀😀'], ['abc']],
    ['binary(3)', ['AAAA', 'no base64!'], ['AAA=', 'AAAAAAAA', '0x0a0b0c']],
    ['varbinary(3)', ['AA==', 'AAAA'], ['AAAAAAAA']],
    ['binary(16)', [], ['6ccd780c-baba-1026-9564-5b8c656024db', '0'.repeat(32)]],
  ])('declared %s is checked by its number, length or members', (declaration, good, bad) => {
    for (const field of [...good, '', null])
      expect.soft(fits(`${declaration} NOT NULL`, field, 'csv'), `${field}`).toBe(true);
    for (const field of bad) expect.soft(fits(declaration, field, 'csv'), `${field}`).toBe(false);
  });

  it('declared BIT is a number below 2^n where it becomes a number', () => {
    for (const field of ['0', '7', '7.0']) expect(fits('bit(3)', field, 'csv', 'N')).toBe(true);
    for (const field of ['8', '-1', 'x']) expect(fits('bit(3)', field, 'csv', 'N')).toBe(false);
  });

  it('of bytes has the bytes that its base64 stands for, and is asked about where it is hex', () => {
    expect(faultOf('binary(16)', '0'.repeat(32), 'csv')?.message).toBe(
      'column "x" is not a binary(16): 24 bytes as base64; --types x=HEX reads its hex digits',
    );
    expect(faultOf('binary(16)', '6ccd780c-baba-1026-9564-5b8c656024db', 'csv')?.message).toBe(
      'column "x" is not a binary(16); --types x=HEX reads its hex digits',
    );
    // As the key of a table it may be text, which tells nothing of bytes.
    expect(fits('binary(16)', '0'.repeat(32), 'csv', 'S')).toBe(true);
    expect(fits('varchar(2)', 'AAAAAAAA', 'csv', 'B')).toBe(true);
  });
});

describe('any field', () => {
  const digits = fc.stringMatching(/^-?\d{0,21}(\.\d{0,4})?(e\d\d?)?$/);

  it('of a whole number fits where a bigint comparison says so', () => {
    const widths = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64 } as const;
    const type = fc.constantFrom(...(Object.keys(widths) as (keyof typeof widths)[]));
    const near = fc.tuple(type, fc.boolean(), fc.bigInt({ min: -3n, max: 3n }), fc.constantFrom(-1n, 0n, 1n, 2n));
    fc.assert(
      fc.property(near, fc.nat(3), ([name, unsigned, off, factor], zeros) => {
        const half = 2n ** BigInt(widths[name] - 1);
        const value = factor * half + off;
        const text = value < 0n ? `-${'0'.repeat(zeros)}${-value}` : `${'0'.repeat(zeros)}${value}`;
        const expected = unsigned ? value >= 0n && value < 2n * half : value >= -half && value < half;
        const declaration = `${name}${unsigned ? ' unsigned' : ''}`;
        expect(fits(declaration, text)).toBe(expected);
        expect(fits(declaration, text, 'csv')).toBe(expected);
        expect(fits(declaration, `${text}.0`, 'csv')).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('of a fixed-point number fits where its digits before and after the point do', () => {
    fc.assert(
      fc.property(digits, fc.integer({ min: 1, max: 20 }), fc.nat(4), (text, whole, scale) => {
        fc.pre(text !== '');
        const decimal = parseDecimal(text);
        const scaled = decimal === undefined ? undefined : scaledBy(decimal, scale);
        const size = 10n ** BigInt(whole + scale);
        const expected = scaled !== undefined && scaled < size && scaled > -size;
        const declaration = `decimal(${whole + scale},${scale})`;
        expect(fits(declaration, text, 'csv')).toBe(expected);
        expect(fits(declaration, text)).toBe(expected && /^-?\d+(\.\d+)?$/.test(text));
      }),
      { numRuns: 500 },
    );
  });

  it('of text fits where its code points are counted, and its bytes where they are few', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), fc.nat(12), (text, most) => {
        const check = checkOf(`varchar(${most})`)!;
        expect(check.check(text) === undefined).toBe([...text].length <= most);
        if (Buffer.byteLength(text) <= check.fitsBytes) expect(check.check(text)).toBeUndefined();
      }),
    );
  });

  it('whose bytes are told to fit has text that fits, and the usual ones are told', () => {
    const declaration = fc.constantFrom(
      'date',
      'datetime',
      'timestamp(3)',
      'time',
      "enum('a','é','abcd')",
      "set('a','b')",
    );
    const digit = (most: number) => fc.nat(most).map((value) => String(value).padStart(2, '0'));
    const day = fc.tuple(fc.stringMatching(/^\d{3}[\d:]$/), digit(19), digit(39)).map((parts) => parts.join('-'));
    const time = fc.tuple(digit(29), digit(69), digit(69)).map((parts) => parts.join(':'));
    const field = fc.oneof(
      day,
      fc.tuple(day, time, fc.constantFrom('', '.123', '.12x', ':123')).map(([a, b, c]) => `${a} ${b}${c}`),
      fc.tuple(day, time).map((parts) => parts.join('T')),
      fc.constantFrom('', 'a', 'é', 'b', 'abcd', 'abcde', 'a,b'),
    );
    fc.assert(
      fc.property(declaration, field, fc.nat(3), (declared, text, offset) => {
        const { check, fitsAt } = checkOf(declared)!;
        const bytes = Buffer.from(`${'-'.repeat(offset)}${text}-`);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        const told = fitsAt!(view, offset, bytes.length - 1);
        const isFit = check(text) === undefined;
        if (told) expect(isFit).toBe(true);
        // Left to be read: any TIME, several members of a SET, a leap second.
        if (isFit && declared !== 'time' && text !== 'a,b' && !text.includes(':60')) expect(told).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('of a SET fits where each of its parts is a member', () => {
    const members = fc.uniqueArray(fc.stringMatching(/^[ab'\\;]{1,2}$/), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(members, fc.array(fc.stringMatching(/^[ab'\\;]{0,2}$/), { maxLength: 4 }), (listed, parts) => {
        const list = listed.map((one) => `'${one.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`).join(',');
        const text = parts.join(',');
        const expected = text === '' || parts.every((part) => listed.includes(part));
        expect(fits(`set(${list})`, text)).toBe(expected);
        expect(fits(`enum(${list})`, text)).toBe(text === '' || listed.includes(text));
      }),
    );
  });

  it('never has its value in the message', () => {
    const secret = 's3cr3t§';
    const dressed = fc.constantFrom('', ' ', ',', '2024-01-02 ', '1e999', '\n', '0x', '\\N', 'A'.repeat(300));
    const declaration = fc.constantFrom(...declarations.map(([text]) => text), 'bit(3)', 'json');
    const family = fc.constantFrom('mysql' as const, 'csv' as const);
    fc.assert(
      fc.property(
        declaration,
        family,
        dressed,
        dressed,
        fc.boolean(),
        (declared, writtenBy, before, after, isBytes) => {
          const text = `${before}${secret}${after}`;
          const fault = faultOf(`${declared} NOT NULL`, isBytes ? Buffer.from(text) : text, writtenBy);
          if (fault === undefined) return;
          expect(fault.code).toBe('not-as-declared');
          expect(fault.message).not.toContain('s3cr3t');
          expect(fault.message).not.toMatch(/A{20}/);
        },
      ),
    );
  });
});

/** The number times 10^scale, where that is whole. */
function scaledBy(
  { negative, digits, exponent }: { negative: boolean; digits: string; exponent: number },
  scale: number,
) {
  if (digits === '') return 0n;
  const zeros = exponent + 1 - digits.length + scale;
  if (zeros < 0) return undefined;
  return BigInt(`${negative ? '-' : ''}${digits}${'0'.repeat(zeros)}`);
}
