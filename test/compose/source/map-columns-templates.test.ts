import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planted } from '../../support/planted.ts';
import { readRows } from './read-rows.ts';

const csv = (...lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`);
const made = (set: readonly string[]) => ({ set, key: ['pk'], repository: 'memory', omit: ['a', 'b'] }) as const;

/** What a template makes of two fields, by replacing text. */
function naive(template: string, a: string, b: string): string {
  return template.replaceAll(/\{\{|\}\}|\{a\}|\{b\}/g, (part) => {
    return { '{{': '{', '}}': '}', '{a}': a, '{b}': b }[part]!;
  });
}

const piece = fc.oneof(
  fc.constantFrom('{a}', '{b}', '{{', '}}', '#', 'ä', '"', '\\', '\n', '='),
  fc.stringMatching(/^[A-Z ]{1,5}$/),
);
const templateText = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
const keyText = templateText.map((text) => `${text}{b}`);
const fieldText = fc.oneof(
  fc.stringMatching(/^[a-z0-9 ]{1,8}$/),
  fc.constantFrom('ö', '漢字😀', '{a}', '{{', 'x'.repeat(1500)),
);

test('templates make what replacing the columns in the text makes, and reject what is too long for a key', async () => {
  await fc.assert(
    fc.asyncProperty(keyText, templateText, fieldText, fieldText, async (key, text, a, b) => {
      const { rows, rejects } = await readRows(csv('a,b', `${a},${b}`), made([`pk=${key}`, `text=${text}`]));
      const [pk, other] = [naive(key, a, b), naive(text, a, b)];
      if (Buffer.byteLength(pk) <= 2048) {
        expect(rows).toEqual([[pk, other]]);
        return;
      }
      const message = 'attribute "pk" of --set is longer than the 2,048 bytes that the table\'s partition key may have';
      expect(rejects).toEqual([{ code: 'key-too-long', message }]);
    }),
    { numRuns: process.env['IMPORT_TOKENS_THOROUGH'] === '1' ? 2000 : 200 },
  );
});

test('a key may have 2,048 bytes and not one more, however few characters they are', async () => {
  const lines = [`${'ä'.repeat(1023)},1`, `${'ä'.repeat(1023)},12`, `${'ä'.repeat(1023)},123`];
  const { rows, rejects } = await readRows(csv('a,b', ...lines), made(['pk={a}{b}']));
  expect(rows.map(([pk]) => Buffer.byteLength(String(pk)))).toEqual([2047, 2048]);
  expect(rejects).toMatchObject([{ code: 'key-too-long' }]);
});

test('fields are taken as the source has them, and columns by their names before --rename', async () => {
  const source = csv('id,uses,at', 'a,007,2026-01-01 00:00:00');
  const mapping = { types: { uses: 'N', at: 'EPOCH' }, rename: { id: 'token' } } as const;
  const { rows } = await readRows(source, { ...mapping, set: ['made={id}|{uses}|{at}', 'n:N=1{uses}.50'] });
  expect(rows).toEqual([['a', '7', '1767225600', 'a|007|2026-01-01 00:00:00', '1007.5']]);
  const unknown = readRows(source, {
    ...mapping,
    header: true,
    set: ['made={token}'],
    repository: 'memory',
    key: ['token'],
  });
  await expect(unknown).rejects.toMatchObject({
    message: '--set names no column: "token"; the source has "id", "uses", "at"',
    hint: 'Pass the name of the source, "id", not "token".',
  });
});

test('a column that --set takes and the source lacks is refused with the nearest name', async () => {
  const set = ['pk=TOKEN#{token}', 'user=USER#{user_ld}'];
  await expect(readRows(csv('token,user_id', 'a,1'), { ...made(set), omit: [] })).rejects.toMatchObject({
    code: 'usage',
    hint: 'Pass a name of the source: did you mean "user_id"?',
  });
  // Nothing shows that the first row is a header.
  const row = readRows(csv(`${planted},user_id`, 'a,1'), { ...made(['pk={tokn}']), omit: [] });
  await expect(row).rejects.toMatchObject({
    message: '--set names no column: "tokn"',
    hint: 'Pass a name of the source.',
  });
});

test('NULL rejects the row, and empty text does if it is not kept; no value is shown', async () => {
  const source = csv('a,b', `${planted},NULL`, `${planted},`, `NULL,${planted}`, 'c,d');
  const options = { ...made(['pk={a}#{b}']), null: 'NULL' };
  const kept = await readRows(source, options);
  expect(kept.rows).toEqual([[`${planted}#`], ['c#d']]);
  const left = await readRows(source, { ...options, empty: 'omit' });
  const code = 'template-null';
  expect(left.rejects).toEqual([
    { code, column: 'b', message: 'column "b" is NULL, and --set pk needs it' },
    { code, column: 'b', message: 'column "b" is empty, and --set pk needs it' },
    { code, column: 'a', message: 'column "a" is NULL, and --set pk needs it' },
  ]);
});

test('what is made of a row and is not a number, or an empty key, is rejected without being shown', async () => {
  const wide = '9'.repeat(39);
  const source = csv('a,b', `${planted},1`, `${wide},`, 'e200,', ',7');
  const { rows, rejects } = await readRows(source, made(['pk=1{a}', 'n:N=1{a}{b}']));
  expect(rows).toEqual([['1', '17']]);
  expect(rejects).toEqual([
    { code: 'not-a-number', message: 'attribute "n" of --set is not a number' },
    { code: 'number-too-precise', message: 'attribute "n" of --set has more than 38 significant digits' },
    {
      code: 'number-out-of-range',
      message: 'attribute "n" of --set is outside the range of DynamoDB (1E-130 to 9.99E+125)',
    },
  ]);
  const empty = await readRows(csv('a,b', ',', 'a,'), made(['pk={a}{b}']));
  expect(empty.rejects).toMatchObject([{ code: 'key-empty' }]);
  const shown = await readRows(csv('a,b', `${planted},1`), { ...made(['pk={a}', 'n:N={a}']), showValues: true });
  expect(shown.rejects[0]?.message).toContain(planted);
});

test('an attribute that a column gives is refused unless the column is omitted or renamed', async () => {
  const source = csv('token,type', 'a,b');
  const options = { set: ['type={type}!'], key: ['token'] };
  await expect(readRows(source, options)).rejects.toMatchObject({
    message: '--set type: column "type" gives attribute "type" already',
    hint: 'Pass --omit type, which --set can still take, or --rename type=OTHER.',
  });
  expect((await readRows(source, { ...options, omit: ['type'] })).rows).toEqual([['a', 'b!']]);
  expect((await readRows(source, { ...options, rename: { type: 'kind' } })).rows).toEqual([['a', 'b', 'b!']]);
});
