import { expect, test } from 'vitest';
import { parseTemplate, templateColumns } from '../../src/domain/column.ts';

test.each([
  ['pk=TOKEN#{token}', { name: 'pk', type: undefined, parts: ['TOKEN#', { column: 'token' }] }],
  ['type=TOKEN', { name: 'type', type: undefined, parts: ['TOKEN'] }],
  ['n:N={a}', { name: 'n', type: 'N', parts: [{ column: 'a' }] }],
  ['a:b:s={a}{b c}=', { name: 'a:b', type: 'S', parts: [{ column: 'a' }, { column: 'b c' }, '='] }],
  ['j={{"id":"{{{id}}}"}}', { name: 'j', type: undefined, parts: ['{"id":"{', { column: 'id' }, '}"}'] }],
])('%s is a template', (text, template) => {
  expect(parseTemplate(text)).toEqual(template);
});

test.each([
  ['pk', "expected ATTRIBUTE=TEXT, such as 'pk=TOKEN#{token}'"],
  ['pk=', 'expected ATTRIBUTE=TEXT'],
  ['=a', 'expected ATTRIBUTE=TEXT'],
  [':N=1', 'expected ATTRIBUTE=TEXT'],
  ['a:B={b}', 'attribute "a" can be one of the types S, N, not "B"'],
  ['a={b', 'attribute "a" has a single {'],
  ['a=b}', 'attribute "a" has a single }'],
  ['a={}', 'attribute "a" has a single {'],
  ['a={b{c}', 'attribute "a" has a single {'],
])('%s is refused', (text, message) => {
  expect(() => parseTemplate(text)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
});

test('the columns of several templates are named once each', () => {
  expect(templateColumns(['a={x}-{y}', 'b={y}{y}', 'c=z'].map(parseTemplate))).toEqual(['x', 'y']);
});
