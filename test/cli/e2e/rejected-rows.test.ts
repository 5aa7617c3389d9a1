import { expect, test } from 'vitest';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

const misplaced = { code: 'misplaced-quote', message: expect.stringContaining('a quote stands inside') };
const ragged = (fields: number) => ({
  code: 'ragged-row',
  message: `the row has ${fields} fields where 3 are expected`,
});

/** Each bad row with its reason. `planted` marks field values, which no output may show. */
const badRows: readonly (readonly [row: string, reason: object])[] = [
  ['planted-short,1\n', ragged(2)],
  ['planted-long,1,x,y\n', ragged(4)],
  [
    'planted-\xff,1,x\n',
    { code: 'invalid-utf8', message: 'the row is not valid UTF-8; convert the file, for example with iconv' },
  ],
  ['"planted"-tail,1,x\n', misplaced],
  ['planted"inner,1,x\n', misplaced],
  ['planted-number,1.2.3,x\n', { column: 'user_id', code: expect.any(String), message: expect.any(String) }],
  [',1,planted-empty-key\n', { column: 'token', code: expect.any(String), message: expect.any(String) }],
  [`planted${'k'.repeat(2048)},1,x\n`, { column: 'token', code: expect.any(String), message: expect.any(String) }],
  [`planted-large,1,${'x'.repeat(410_000)}\n`, { code: 'item-too-large', message: expect.stringContaining('409,600') }],
];

test('each bad row is in rejected.csv unchanged and in rejects.jsonl with place and reason', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  const header = 'token,user_id,label\n';
  const rows = badRows.flatMap(([row], index) => [`good${index},${index},"fine\nrow"\n`, row]);
  dir.write('tokens.csv', Buffer.from(header + rows.join(''), 'latin1'));

  const { status, stdout, stderr } = await dir.run([
    'tokens.csv',
    ...flags,
    '--types',
    'user_id=N',
    '--run-dir',
    'run',
  ]);

  expect(status).toBe(5);
  expect(stdout).toContain(`Completed with ${badRows.length} rejected rows`);
  expect(stdout).toMatch(/misplaced-quote ×2, first at line \d+\n {15}ragged-row ×2, first at line \d+/);
  expect(table.itemCount).toBe(badRows.length);
  expect(dir.readBytes('run/rejected.csv').toString('latin1')).toBe(header + badRows.map(([row]) => row).join(''));
  const reasons = dir
    .read('run/rejects.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const places = badRows.map(([row, reason], index) => ({
    file: 0,
    ordinal: 2 * index + 1,
    // A good row takes two lines.
    line: 1 + 3 * (index + 1),
    byteOffset: header.length + rows.slice(0, 2 * index + 1).join('').length,
    byteLength: row.length,
    ...reason,
  }));
  expect(reasons).toEqual(places);
  for (const output of [stdout, stderr, dir.read('run/rejects.jsonl'), dir.read('run/run.log')]) {
    expect(output).not.toContain('planted');
  }
});

test('the first row of each code is on the screen with its line, all are counted by code', async () => {
  const { flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', `${tokensCsv(1)}${'ragged\n'.repeat(15)}`);
  const { status, stdout, stderr } = await dir.run(['tokens.csv', ...flags]);
  expect(status).toBe(5);
  expect(stderr.match(/rejected: ragged-row, first at \S*tokens\.csv line 3: the row has 1 field /g)).toHaveLength(1);
  expect(stdout).toContain('ragged-row ×15, first at line 3\n');
});

test.concurrent.for<[string, number, string[], number, string]>([
  ['more than --max-rejects', 5, ['--max-rejects', '4'], 3, '5 of 6 rows were rejected; --max-rejects allows 4'],
  ['just --max-rejects', 4, ['--max-rejects', '4'], 5, ''],
  ['more than the default of 100', 101, [], 3, '101 of 102 rows were rejected; --max-rejects allows 100'],
  ['no limit', 150, ['--max-rejects', '-1'], 5, ''],
  ['a share of fewer than 1,000 rows', 900, ['--max-rejects', '1%'], 5, ''],
  ['more than a share', 1200, ['--max-rejects', '10%'], 3, '999 of 1,000 rows were rejected; --max-rejects allows 10%'],
])(
  '%s: a source of one row and %i bad ones, %j, exits %i',
  async ([, badCount, flags, exitCode, says], { onTestFinished }) => {
    const dir = workDir({ keep: true });
    onTestFinished(dir.remove);
    dir.write('tokens.csv', `${tokensCsv(1)}${'ragged\n'.repeat(badCount)}`);
    const { status, stderr } = await dir.run(['tokens.csv', '--repository', 'memory', '--latency', '0', ...flags]);
    expect(stderr).toContain(says);
    expect(stderr.includes('hint: See rejects.jsonl')).toBe(exitCode === 3);
    expect(status).toBe(exitCode);
  },
);

test('--show-values adds the rejected field, and no other, to its message', async () => {
  const run = async (...flags: readonly string[]) => {
    const dir = workDir();
    dir.write('tokens.csv', 'token,user_id\nplanted-1,12x\nplanted-2,5\n');
    const target = ['--repository', 'memory', '--run-dir', 'run', '--types', 'user_id=N'];
    const { status, stderr } = await dir.run(['tokens.csv', ...target, ...flags]);
    expect(status).toBe(5);
    const { message } = JSON.parse(dir.read('run/rejects.jsonl')) as { message: string };
    expect(stderr).toContain(message);
    return message;
  };
  expect(await run()).not.toContain('12x');
  expect(await run('--show-values')).toMatch(/column "user_id" is not a number.*: "12x"$/);
});

test('4 MiB of rejects after a row without an answer do not stop the run', async () => {
  const dir = workDir();
  const rejects = Array.from({ length: 12 }, (_, i) => `big${i},${'x'.repeat(420_000)}\n`).join('');
  dir.write('tokens.csv', `token,note\nplanted-small,a\n${rejects}`);
  const flags = ['--repository', 'memory', '--latency', '300ms', '--run-dir', 'run'];
  const { status, stdout } = await dir.run(['tokens.csv', '--yes', ...flags]);
  expect(status).toBe(5);
  expect(stdout).toContain('12 rejected');
});
