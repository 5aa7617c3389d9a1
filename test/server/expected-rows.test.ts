import { describe, expect, test } from 'vitest';
import { expectedRows } from './expected-rows.ts';
import type { ServerColumn } from './server-columns.ts';
import { dialects } from './server-dumps.ts';

const id: ServerColumn = { name: 'id', sqlType: 'int NOT NULL', kind: 'N', nullable: false };

describe('what an import must do with a row', () => {
  test.each([
    ['tab', 8, 'A', 'written'],
    ['tab', 8, '\\', 'rejected'],
    ['tab', 16, 'A\t', 'rejected'],
    ['tab', 16, '\nA', 'rejected'],
    ['tab', 8, '\r', 'written'],
    ['tab', 16, '\0\0', 'written'],
    ['tab', 8, null, 'written'],
    ['tab', 14, null, 'written'],
    ['tab', 15, null, 'rejected'],
    ['tab', 16, null, 'rejected'],
    ['tab', 24, null, 'written'],
    ['escape', 13, null, 'written'],
    ['escape', 14, null, 'rejected'],
    ['escape', 8, '^', 'rejected'],
    ['escape', 8, '\\', 'written'],
    ['enclosed', 8, '"', 'rejected'],
    ['enclosed', 16, null, 'written'],
    ['enclosed', 8, ',', 'either'],
    ['enclosed', 8, '\\', 'rejected'],
    ['several', 8, '|', 'either'],
    ['several', 16, '||', 'rejected'],
    ['optionally', 16, '\r\n', 'rejected'],
    ['batch', 8, '\\', 'written'],
  ])('%s: bit(%i) that MariaDB wrote as %j is %s', (dialect, width, stored, fate) => {
    expect(fateOf('MariaDB', dialect, { ...id, name: 'bits', kind: 'BIT', bits: width }, stored)).toBe(fate);
    expect(fateOf('MySQL', dialect, { ...id, name: 'bits', kind: 'BIT', bits: width }, stored)).toBe('written');
  });

  test('NULL that makes a value with the fields that follow may be rejected', () => {
    const columns = [id, { ...id, name: 'wide', kind: 'BIT', bits: 64 }, { ...id, name: 'text', kind: 'S' }] as const;
    const fates = ['abcd', 'abcde', 'abcdef', 'abcd\t'].map((text) => {
      const stored = [Buffer.from('1'), null, Buffer.from(text)];
      const values = [Buffer.from('1'), null, null];
      return expectedRows('MariaDB', dialects[0]!, columns, [{ stored, values }]).get('1')!.fate;
    });
    expect(fates).toEqual(['written', 'either', 'written', 'either']);
  });

  test('the word NULL without quotes is rejected in a nullable column', () => {
    const text: ServerColumn = { ...id, name: 'text', kind: 'S', nullable: true };
    expect(fateOf('MySQL', 'tab', text, 'NULL')).toBe('rejected');
    expect(fateOf('MySQL', 'tab', text, 'NULLs')).toBe('written');
    expect(fateOf('MySQL', 'tab', { ...text, nullable: false }, 'NULL')).toBe('written');
    expect(fateOf('MySQL', 'optionally', text, 'NULL')).toBe('written');
  });

  test.each([
    ['tab', 'latin1', 'J\xfcrg', 'written'],
    ['tab', 'latin1', 'J\xc3\xbcrg', 'rejected'],
    ['tab', 'latin1', 'ascii\\\t', 'written'],
    ['tab', 'cp1251', '\x98', 'rejected'],
    ['tab', 'latin2', null, 'written'],
    ['batch', 'latin1', 'J\xc3\xbcrg', 'written'],
  ])('%s: text in %s stored as %j is %s', (dialect, characterSet, stored, fate) => {
    for (const product of ['MariaDB', 'MySQL'] as const) {
      expect(fateOf(product, dialect, { ...id, name: 'text', kind: 'S', characterSet }, stored)).toBe(fate);
    }
  });

  test('mysql --batch cannot tell the word NULL from NULL, unless the column has none', () => {
    const columns = [
      id,
      { ...id, name: 'maybe', kind: 'S', nullable: true },
      { ...id, name: 'never', kind: 'S' },
    ] as const;
    const row = [Buffer.from('1'), Buffer.from('NULL'), Buffer.from('NULL')];
    const itemOf = (name: string) => {
      const dialect = dialects.find((one) => one.name === name)!;
      return expectedRows('MySQL', dialect, columns, [{ stored: row, values: row }]).get('1')!.item;
    };
    expect(itemOf('batch')).toEqual({ id: { N: '1' }, never: { S: 'NULL' } });
    expect(itemOf('tab')).toEqual({ id: { N: '1' }, maybe: { S: 'NULL' }, never: { S: 'NULL' } });
  });
});

function fateOf(product: 'MariaDB' | 'MySQL', name: string, column: ServerColumn, stored: string | null): string {
  const dialect = dialects.find((one) => one.name === name)!;
  const bytes = [Buffer.from('1'), stored === null ? null : Buffer.from(stored, 'latin1')];
  // The values themselves are not compared here.
  const values = [Buffer.from('1'), null];
  return expectedRows(product, dialect, [id, column], [{ stored: bytes, values }]).get('1')!.fate;
}
