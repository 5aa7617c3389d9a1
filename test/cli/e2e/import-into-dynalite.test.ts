import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, startDynalite } from '../../support/engines.ts';
import { runsEveryCase } from '../../support/importer-command.ts';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';

let dynalite: Engine;

beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.stop());

const columns = ['token', 'user_id', 'scope', 'note'] as const;
type Fields = Readonly<Record<(typeof columns)[number], string>>;

const count = runsEveryCase ? 50_000 : 15_000;

test(`${count} rows are all in the table, item by item as an independent reader reads them`, async () => {
  const dir = workDir();
  const file = dir.write('tokens.csv', csvOf(Array.from({ length: count }, (_, index) => fieldsOf(index))));
  await dynalite.createTable('tokens', [{ name: 'token', type: 'S' }]);

  const flags = [
    '--endpoint-url',
    dynalite.endpointUrl,
    '--wps',
    '200000',
    '--concurrency',
    '4',
    '--expect-rows',
    `${count}`,
  ];
  const { status, stdout, stderr } = await dir.run([file, ...flags, '--types', 'user_id=N', '--summary', 's.json']);

  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('Completed: every row is in table tokens.');
  expect(JSON.parse(dir.read('s.json')).rows).toMatchObject({ read: count, written: count, pending: 0 });
  const expected = new Map(readCsv(dir.read('tokens.csv')).map((fields) => [fields.token, itemOf(fields)]));
  const items = await dynalite.readItems('tokens');
  expect(expected.size).toBe(count);
  expect(items.length).toBe(count);
  const different = items.filter((item) => {
    const { S: token } = item['token'] as { S: string };
    return JSON.stringify(sorted(item)) !== JSON.stringify(sorted(expected.get(token)));
  });
  expect(different).toEqual([]);
}, 120_000);

/** Plain text, every sort of quoting, line breaks within quotes and characters of one to four bytes. */
function fieldsOf(index: number): Fields {
  const notes = [
    `plain ${index}`,
    `comma, ${index}`,
    `a "quoted" word ${index}`,
    `line ${index}\nand the next`,
    `line ${index}\r\nas Windows breaks it`,
    `Zürich €${index} 東京 𝄞`,
    '',
    '"',
    ' blanks around ',
  ];
  return {
    token: index % 11 === 0 ? `tök€n-${index}` : `${planted}-${index}`,
    user_id: `${index % 1000}`,
    scope: index % 3 === 0 ? 'read write' : 'read,write',
    note: notes[index % notes.length]!,
  };
}

function csvOf(rows: readonly Fields[]): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `${columns.join(',')}\n${rows.map((row) => `${columns.map((name) => quoted(row[name])).join(',')}\n`).join('')}`;
}

/** An independent reader: one regular expression for a field. It uses nothing from `src`. */
function readCsv(text: string): Fields[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, border] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (border === '\n') rows.push([]);
  }
  const [header, ...body] = rows.slice(0, -1);
  return body.map((row) => Object.fromEntries(header!.map((name, index) => [name, row[index]])) as unknown as Fields);
}

function itemOf({ token, user_id, scope, note }: Fields) {
  return { token: { S: token }, user_id: { N: user_id }, scope: { S: scope }, note: { S: note } };
}

function sorted(item: object | undefined): unknown {
  return Object.entries(item ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
