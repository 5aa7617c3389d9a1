import { describe, expect, test } from 'vitest';
import { characterSet } from '../../../../src/input/mysql/characters/character-sets.ts';

describe('the character sets of MySQL', () => {
  test.each([
    ['latin1', [0x4a, 0xfc, 0x72, 0x67, 0x20, 0x80, 0x99], 'Jürg €™'],
    ['latin1', [0x81, 0x8d, 0x8f, 0x90, 0x9d], '\u0081\u008d\u008f\u0090\u009d'],
    ['latin2', [0xa3, 0xf3, 0x64, 0xbc], 'Łódź'],
    ['latin5', [0xdd, 0xfe, 0xf0], 'İşğ'],
    ['latin7', [0xa1, 0xff, 0xb4, 0xa5], '”’“„'],
    ['cp1250', [0x8a, 0x9f, 0x80], 'Šź€'],
    ['cp1251', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0xb8], 'Приветё'],
    ['cp850', [0x81, 0xd5, 0x9b], 'üıø'],
    ['cp866', [0x8f, 0xe0, 0xf1], 'Прё'],
    ['koi8r', [0xf0, 0xd2, 0xa3], 'Прё'],
    ['koi8u', [0xa4, 0xa7, 0xad], 'єїґ'],
    ['greek', [0xc1, 0xf9, 0xd7], 'ΑωΧ'],
    ['hebrew', [0xe0, 0xf9], 'אש'],
    ['macroman', [0x80, 0xca, 0xf0], 'Ä\u00a0\uf8ff'],
    ['tis620', [0xa1, 0xdf], 'ก฿'],
    ['swe7', [...Buffer.from('}ngstr|m [1]')], 'ångström Ä1Å'],
    ['ascii', [0x00, 0x09, 0x5c, 0x7f], '\0\t\\\x7f'],
  ])('%s is decoded: %j', (name, bytes, text) => expect(decode(name, bytes)).toBe(text));

  test.each([
    ['cp1251', 0x98],
    ['cp1250', 0x81],
    ['cp1257', 0xa1],
    ['greek', 0xff],
    ['tis620', 0xdb],
    ['swe7', 0x7f],
    ['swe7', 0x80],
    ['ascii', 0x80],
  ])('%s: a byte that is not a character makes the text unreadable: %i', (name, byte) => {
    expect(decode(name, [0x61, byte, 0x62])).toBeUndefined();
    expect(decode(name, [0x61, 0x3f, 0x62])).toBe('a?b');
  });

  test('only the given bytes are read, and none of them is no text', () => {
    const set = singleByteSet('latin1');
    const bytes = Buffer.from('abc\xe9def\x80', 'latin1');
    expect(set.decode(bytes, 1, 3)).toBe('bc');
    expect(set.decode(bytes, 2, 5)).toBe('céd');
    expect(set.decode(bytes, 4)).toBe('def€');
    expect(set.decode(bytes, 3, 3)).toBe('');
    expect(characterSet('cp1251')).toBe(characterSet('cp1251_bin'));
    expect((characterSet('cp1251') as typeof set).decode(Buffer.from([0x98, 0x61]), 1)).toBe('a');
  });

  test('a long text is decoded whole', () => {
    expect(decode('cp1251', new Array(300_000).fill(0xef))).toBe('п'.repeat(300_000));
    expect(decode('cp1251', new Array(300_000).fill(0x61))).toBe('a'.repeat(300_000));
  });

  test.each([
    ['latin1_swedish_ci', 'latin1', 'single-byte'],
    ['LATIN1', 'latin1', 'single-byte'],
    ['ascii_general_ci', 'ascii', 'ascii'],
    ['utf8', 'utf8', 'utf8'],
    ['utf8mb3_general_ci', 'utf8mb3', 'utf8'],
    ['utf8mb4_0900_ai_ci', 'utf8mb4', 'utf8'],
    ['utf8mb4_uca1400_nopad_as_cs', 'utf8mb4', 'utf8'],
    ['binary', 'binary', 'binary'],
    ['gbk_chinese_ci', 'gbk', 'multi-byte'],
    ['utf16le', 'utf16le', 'multi-byte'],
    ['gb18030', 'gb18030', 'multi-byte'],
  ])('%s is the set %s: %s', (name, set, kind) => expect(characterSet(name)).toMatchObject({ name: set, kind }));

  test.each(['latin', 'latin9', 'utf-8', 'windows-1252', 'filename', 'constructor', ''])('no set is named %j', (name) =>
    expect(characterSet(name)).toBeUndefined(),
  );
});

function decode(name: string, bytes: readonly number[]): string | undefined {
  return singleByteSet(name).decode(Buffer.from(bytes));
}

function singleByteSet(name: string) {
  const set = characterSet(name);
  if (set?.kind !== 'single-byte' && set?.kind !== 'ascii') throw new Error(`${name} is not a single-byte set`);
  return set;
}
