import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import { parseTableDefinitions, sqlText } from '../../../src/input/mysql/definition/table-definition.ts';
import { mysqlDialect } from '../../../src/input/mysql/mysql.ts';
import { refuseUnreadableColumns } from '../../../src/input/mysql/mysql-questions.ts';
import { isConverted } from '../../../src/input/mysql/mysql-reading.ts';
import { textsOfEitherSet } from '../../../src/input/mysql/mysql-sample.ts';
import { type MysqlSettings, mysqlDefaults } from '../../../src/input/mysql/mysql-settings.ts';
import type { ReadingFlags } from '../../../src/input/reading-flags.ts';
import { readMysql } from './mysql-files.ts';

const columnsOf = (columns: string) => parseTableDefinitions(`create table t (${columns})`)[0]!.columns;
const table = columnsOf(
  'id int, l varchar(9) charset latin1, u varchar(9) charset utf8mb4, r varchar(9) charset koi8r, a varchar(9) charset ascii',
);
const read = (row: string, changes: Partial<MysqlSettings> = {}, columns = table) =>
  readMysql(mysqlDialect({ columns, ...changes }), Buffer.from(`${row}\n`, 'latin1'), []).rows[0];

describe('text', () => {
  it('is decoded in the character set of its column', () => {
    const row = '1\t\x80\xe9\xff\tna\xc3\xafve\t\xcd\xc9\xd2\tplain';
    expect(read(row)?.fields).toEqual(['1', '€éÿ', 'naïve', 'мир', 'plain']);
    expect(read(row.replaceAll('\t', ';'), { fieldTerminator: ';' })?.fields).toEqual(read(row)?.fields);
    const quoted = `"${row.replaceAll('\t', '","')}"`;
    expect(read(quoted, { fieldTerminator: ',', enclosure: '"' })?.fields).toEqual(read(row)?.fields);
  });

  it('of one character set is every character of it, next to escapes, cut anywhere', () => {
    const bytes = Buffer.from(Array.from({ length: 127 }, (_, i) => i + 129));
    const file = Buffer.concat([Buffer.from('\\\\\\\t'), bytes, Buffer.from('\\\n\n')]);
    for (const chunkBytes of [1, 2, 3, 7, 64, 65_536]) {
      const dialect = mysqlDialect({ columns: columnsOf('l text charset latin1'), converted: false });
      const text = readMysql(dialect, file, [], chunkBytes).rows[0]?.fields?.[0];
      // The server's latin1 is windows-1252, in which the bytes that have no character there are control characters.
      expect(text).toHaveLength(3 + 127);
      expect(text?.endsWith('ýþÿ\n')).toBe(true);
      expect(text?.startsWith('\\\t\x81‚ƒ')).toBe(true);
    }
  });

  it('is rejected where a byte is not a character of its set, by column and set', () => {
    const column = columnsOf('id int, w text charset cp1257');
    const row = read('1\ta\xa1', {}, column);
    expect(row?.fault).toMatchObject({ code: 'undecodable', column: 'w', message: expect.stringContaining('cp1257') });
    expect(read('1\tx\tx\tx\t\xe9')?.fault).toMatchObject({
      code: 'undecodable',
      column: 'a',
      message: expect.stringContaining('ascii'),
    });
    expect(read('1\tx\tcaf\xe9\tx\tx')?.fault).toMatchObject({ code: 'invalid-utf8', column: 'u' });
  });

  it('need not decode in a column that is left out', () => {
    const columns = columnsOf('id int, w text charset cp1257, u text charset utf8mb4, s text charset sjis');
    const fields = read('1\ta\xa1\\q\t\xff\t\x83\x41', { omitted: ['w', 'u', 's'] }, columns)?.fields;
    expect(fields?.[0]).toBe('1');
    expect(fields).toHaveLength(4);
  });

  it('of swe7 is no ASCII, though its bytes are', () => {
    const dialect = mysqlDialect({ columns: columnsOf('id int, s text charset swe7') });
    const framed = dialect.framer('', 1).push(Buffer.from('1\t{}\n'));
    const decoder = dialect.decoder([]);
    expect(decoder.decode(framed, 0)).toBeUndefined();
    expect(decoder.fields).toEqual(['1', 'äå']);
    expect(framed.ascii).toBe(false);
  });

  it('of the client is UTF-8, whatever the schema says', () => {
    expect(read('1\tna\xc3\xafve\tx\t\xc3\xaf\tx', { batch: true })?.fields).toEqual(['1', 'naïve', 'x', 'ï', 'x']);
  });
});

describe('a value of a single-byte set that is UTF-8 too', () => {
  const row = '1\tna\xc3\xafve\tx\tx\tx';

  it('is rejected until somebody says what it is, with the flags', () => {
    const fault = read(row)?.fault;
    expect(fault).toMatchObject({ code: 'undecodable', column: 'l' });
    expect(fault?.message).toContain('--default-character-set=utf8mb4');
    expect(fault?.message).toContain('--default-character-set=latin1');
    expect(fault?.message).not.toContain('ve');
  });

  it('is what it was told to be', () => {
    expect(read(row, { converted: true })?.fields?.[1]).toBe('naïve');
    expect(read(row, { converted: false })?.fields?.[1]).toBe('naÃ¯ve');
  });

  it('is asked about in the sample, by the name of its column', () => {
    const ask = (changes: Partial<MysqlSettings> = {}, types = {}) =>
      textsOfEitherSet(Buffer.from(`${row}\n`, 'latin1'), { ...mysqlDefaults, ...changes }, table, types);
    expect(ask()).toEqual(['l']);
    expect(ask({}, { l: 'B' })).toEqual([]);
    expect(ask({ omitted: ['l'] })).toEqual([]);
    expect(ask({ converted: false })).toEqual([]);
    expect(ask({ batch: true })).toEqual([]);
    expect(textsOfEitherSet(Buffer.from('1\tna\xefve\tx\tx\tx\n', 'latin1'), mysqlDefaults, table, {})).toEqual([]);
  });
});

test('text of any single-byte column is exact or rejected, never another text', () => {
  const latin1 = fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 6 });
  fc.assert(
    fc.property(latin1, latin1, (first, second) => {
      const written = (bytes: number[]) =>
        bytes.flatMap((byte) => ([0x5c, 0x09, 0x0a].includes(byte) ? [0x5c, byte] : [byte]));
      const file = Buffer.from([...written(first), 0x09, ...written(second), 0x0a]);
      const columns = columnsOf('a varchar(9) charset latin1, b varchar(9) charset utf8mb4');
      const fields = readMysql(mysqlDialect({ columns, converted: false }), file, []).rows[0]?.fields;
      const asUtf8 = Buffer.from(second).toString();
      const isUtf8 = Buffer.from(asUtf8).equals(Buffer.from(second));
      if (fields === undefined)
        return !isUtf8 || [first, second].some((bytes) => Buffer.from(bytes).equals(Buffer.from('NULL')));
      const single = first.map((byte) => (byte >= 0x80 && byte < 0xa0 ? undefined : String.fromCharCode(byte)));
      const text = [...fields[0]!];
      expect(text).toHaveLength(first.length);
      for (const [i, character] of single.entries()) if (character !== undefined) expect(text[i]).toBe(character);
      expect(fields[1]).toBe(asUtf8);
      return true;
    }),
    { numRuns: 500 },
  );
});

describe('columns that cannot be read', () => {
  const columns = columnsOf(
    'id int, s varchar(9) charset sjis, g text charset gbk, b blob, f bit(3), h binary(16), x text charset klingon',
  );
  const refusal = (settings: Pick<MysqlSettings, 'batch' | 'converted'>, flags: ReadingFlags = {}) => {
    try {
      refuseUnreadableColumns({ ...mysqlDefaults, columns, ...settings }, { flags, fileName: 't.txt' });
    } catch (error) {
      if (error instanceof ImportError) return error;
      throw error;
    }
    return undefined;
  };

  it('of multi-byte sets are refused by name, unless they are left out', () => {
    const told = refusal({ batch: false, converted: undefined });
    expect(told?.code).toBe('undecodable');
    expect(told?.message).toContain('sjis');
    expect(told?.hint).toContain('--omit s,g,x');
    expect(refusal({ batch: false, converted: false }, { omit: ['s'] })?.message).toContain('gbk');
    expect(refusal({ batch: false, converted: undefined }, { omit: ['s', 'g', 'x'] })).toBeUndefined();
    expect(refusal({ batch: true, converted: undefined })).toBeUndefined();
  });

  it.each(['ucs2', 'utf16', 'utf16le', 'utf32'])('of %s are refused even if they are omitted, but for UTF-8', (set) => {
    const wide = columnsOf(`id int, w varchar(9) charset ${set}`);
    const refuse = (changes: Partial<MysqlSettings>) =>
      refuseUnreadableColumns(
        { ...mysqlDefaults, columns: wide, ...changes },
        { flags: { omit: ['w'] }, fileName: 't.txt' },
      );
    // The bytes of U+0A09 and U+5C4E are a line feed and a backslash, which the server does not escape here.
    const told = (() => {
      try {
        refuse({});
        return undefined;
      } catch (error) {
        return error as ImportError;
      }
    })();
    expect(told).toMatchObject({ code: 'undecodable', message: expect.stringContaining(`${set} of "w"`) });
    expect(told?.hint).not.toContain('--omit');
    expect(() => refuse({ batch: true })).not.toThrow();
    expect(() => refuse({ converted: true })).not.toThrow();
  });

  it('of bytes are refused where the dump was converted, unless they are left out or text', () => {
    const told = refusal({ batch: false, converted: true });
    expect(told?.message).toContain('"b", "f", "h"');
    const types = { h: 'HEX', b: 'BASE64' } as const;
    expect(refusal({ batch: false, converted: true }, { types })?.message).toMatch(/bytes of "f"$/);
    expect(refusal({ batch: false, converted: true }, { omit: ['f', 'b', 'h'] })).toBeUndefined();
  });

  it('are rejected row by row where nobody refuses them', () => {
    expect(read('1\tx', {}, columnsOf('id int, s text charset sjis'))?.fault).toMatchObject({
      code: 'undecodable',
      message: expect.stringContaining('sjis'),
    });
  });

  it('spoil a row around them where a byte may be half a character', () => {
    const omitting = { omitted: ['s'] };
    const two = columnsOf('id int, s text charset sjis, t text');
    expect(read('1\t\x83\x41\tx', omitting, two)?.fields?.[2]).toBe('x');
    expect(read('1\t\x83\x5c\tx\ty', omitting, two)?.fault?.code).toBe('undecodable');
    const bars = { ...omitting, fieldTerminator: '|' };
    expect(read('1|\x83\x7c\x95\x5c|x', bars, two)?.fault?.code).toBe('undecodable');
  });
});

describe('--default-character-set', () => {
  it.each([
    [undefined, undefined],
    ['utf8mb4', true],
    ['utf8', true],
    ['binary', false],
  ])('%s says of conversion: %s', (name, converted) => {
    expect(isConverted(name, 't.txt', table, [])).toBe(converted);
  });

  it('may name the one set that all text has, and no other', () => {
    const latin1 = columnsOf('id int, a text charset latin1, d date, e enum("x") charset latin1');
    expect(isConverted('latin1', 't.txt', latin1, [])).toBe(false);
    for (const name of ['latin1', 'koi8r', 'sjis', 'klingon']) {
      expect(() => isConverted(name, 't.txt', table, [])).toThrow(expect.objectContaining({ code: 'usage' }));
    }
    expect(() => isConverted('latin1', 't.txt', [], [])).toThrow(ImportError);
    expect(isConverted('latin1', 't.txt', table, ['u', 'r', 'a'])).toBe(false);
  });
});

describe('a .sql', () => {
  const inSet = (name: string, text: string) =>
    Buffer.from(`-- dump\n/*!40101 SET NAMES ${name} */;\n${text}`, 'latin1');

  it.each([
    ['latin1', 'caf\xe9 \x80', 'café €'],
    ['utf8mb4', 'caf\xc3\xa9', 'café'],
    ['binary', 'caf\xc3\xa9', 'café'],
    ['koi8r', '\xcd\xc9\xd2', 'мир'],
    ["'latin1'", 'caf\xe9', 'café'],
    ['sjis', 'ascii', 'ascii'],
  ])('is read as its SET NAMES %s says', (name, bytes, text) => {
    expect(sqlText(inSet(name, bytes), 't.sql').endsWith(text)).toBe(true);
  });

  it('is UTF-8 without one', () => {
    expect(sqlText(Buffer.from('create table café (id int)'), 't.sql')).toBe('create table café (id int)');
    expect(sqlText(Buffer.from('SET NAMES latin1;\ncaf\xe9', 'latin1'), 't.sql')).toContain('café');
  });

  it.each([
    ['utf8mb4', 'caf\xe9'],
    ['sjis', '\x83\x41'],
    ['cp1257', '\xa1'],
    ['klingon', '\xa1'],
  ])('is refused where its bytes cannot be read as %s', (name, bytes) => {
    expect(() => sqlText(inSet(name, bytes), 't.sql')).toThrow(expect.objectContaining({ code: 'schema-invalid' }));
  });
});
