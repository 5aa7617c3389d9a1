import { expect, test } from 'vitest';
import { printable } from '../../src/domain/format.ts';

test('what a terminal would obey is escaped', () => {
  expect(printable('a\u001b[31mb\r\n\u009bc\u202ed')).toBe('a\\u001b[31mb\\u000d\\u000a\\u009bc\\u202ed');
});

test('text in any script stays as it is', () => {
  expect(printable('größe 大きさ 🙂 "quoted"')).toBe('größe 大きさ 🙂 "quoted"');
});
