import { expect, test } from 'vitest';
import { templates } from '../../../src/options/syntax/lists.ts';

test('templates add up over several flags, and one that is repeated counts once', () => {
  const first = templates.parse('pk=A#{a}', '--set');
  const both = templates.parse('sk={b}', '--set', first);
  expect(both).toEqual(['pk=A#{a}', 'sk={b}']);
  expect(templates.parse('sk={b}', '--set', both)).toEqual(both);
  expect(templates.format(both)).toEqual(['pk=A#{a}', 'sk={b}']);
});

test('an attribute that is given twice is refused', () => {
  expect(() => templates.parse('pk:N={b}', '--set', ['pk={a}'])).toThrow('--set: attribute "pk" is given twice');
});
