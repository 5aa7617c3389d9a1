import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { columnTypes, csvOf, lastRows, makeRows, withBreakage } from '../../faults/source-rows.ts';
import { readConverted, type StoredItem, sha256 } from '../../support/converted.ts';
import { planted } from '../../support/planted.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { type WorkDir, workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';
import { createTable, dumpOf, insertInto, tuples } from './sql-dumps.ts';

const rowCount = process.env['IMPORT_TOKENS_THOROUGH'] === '1' ? 200_000 : 20_000;

type Manifest = {
  readonly rows: Readonly<Record<string, number>>;
  readonly files: readonly {
    readonly name: string;
    readonly items: number;
    readonly superseded: number;
    readonly lineBytes: number;
    readonly bytes: number;
    readonly sha256: string;
  }[];
};

function readManifest(dir: WorkDir): Manifest {
  return JSON.parse(dir.read('items/manifest.json')) as Manifest;
}

test('files hold the last row of each key, shuffled, and the manifest counts and sums them', {
  timeout: 120_000,
}, async () => {
  const random = seededRandom(31);
  const rows = makeRows(random, rowCount);
  const { lines, broken } = withBreakage(random, rows, 0.01);
  const dir = workDir();
  dir.write('tokens.csv', csvOf(lines));
  const flags = ['--key', 'token', '--types', columnTypes, '--max-rejects', '-1', '--run-dir', 'run'];
  const result = await dir.run(['convert', 'tokens.csv', '--to', 'items', '--file-bytes', '256K', ...flags]);
  expect(result, result.stderr).toMatchObject({ status: 5 });

  const expected = lastRows(rows, broken);
  const files = readConverted(join(dir.path, 'items'));
  const items = [...files.values()].flat();
  expect(Object.fromEntries(items.map(({ token, ...rest }) => [token!['S'], rest]))).toEqual(
    Object.fromEntries(
      Object.entries(expected).map(([token, { user, quota, seq }]) => [
        token,
        { user: { S: user }, quota: { N: quota }, seq: { N: String(seq) } },
      ]),
    ),
  );
  const written = Object.keys(expected).length;
  const superseded = rowCount - broken.size - written;
  expect(items).toHaveLength(written);
  expect(superseded).toBeGreaterThan(0);
  expect(result.stdout).toMatch(/read = [\d,]+ written \+ [\d,]+ superseded \+ 0 kept \+ 0 deleted \+ [\d,]+ rejected/);

  const summary = JSON.parse(dir.read('run/summary.json'));
  expect(summary).toMatchObject({
    outcome: 'completed-with-rejects',
    rows: { read: rowCount, written, superseded, rejected: broken.size, skipped: 0, kept: 0, pending: 0 },
    converted: { to: join(dir.path, 'items'), files: files.size, items: written },
  });
  expect(summary).not.toHaveProperty('resumeCommand');
  expect(dir.read('run/rejects.jsonl').trimEnd().split('\n')).toHaveLength(broken.size);

  const manifest = readManifest(dir);
  expect(manifest.rows).toEqual(summary.rows);
  expect(manifest.files.map(({ name }) => name)).toEqual([...files.keys()]);
  for (const { name, items: count, bytes, sha256: sum } of manifest.files) {
    expect(files.get(name)).toHaveLength(count);
    expect(dir.readBytes(`items/${name}`)).toHaveLength(bytes);
    expect(sha256(dir.readBytes(`items/${name}`))).toBe(sum);
    // In the order of the source, every step would go up.
    const steps = seqsOf(files.get(name)!).map((seq, i, all) => seq - (all[i - 1] ?? 0));
    expect(steps.filter((step) => step < 0).length).toBeGreaterThan(count / 4);
  }
  const sizes = manifest.files.map(({ lineBytes }) => lineBytes);
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThan(2 * 256 * 1024);
  expect(statSync(join(dir.path, 'items')).mode & 0o777).toBe(0o700);
  expect(statSync(join(dir.path, 'items', manifest.files[0]!.name)).mode & 0o777).toBe(0o600);
  expect(existsSync(join(dir.path, 'run/spool'))).toBe(false);

  const again = await dir.run(['convert', 'tokens.csv', '--to', 'items', ...flags.slice(0, 2)]);
  expect(again).toMatchObject({ status: 2 });
  expect(again.stderr).toContain('items is not empty\nhint: Name a new folder');
  const repeated = await dir.run(['convert', '--resume', 'run']);
  expect(repeated).toMatchObject({ status: 5, stdout: result.stdout });
  const imported = await dir.run(['--resume', 'run']);
  expect(imported).toMatchObject({ status: 4 });
  expect(imported.stderr).toContain('hint: Continue it with import-tokens convert --resume');
});

function seqsOf(items: readonly StoredItem[]): number[] {
  return items.map(({ seq }) => Number(seq!['N']));
}

test('the key comes from the table, and nothing is written to it', async () => {
  const target = await dynamoTarget({ key: [{ name: 'token', type: 'S' }] });
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(200));
  const args = ['convert', 'tokens.csv', '--to', 'items', '--run-dir', 'run', '--skip-rows', '10', ...target.flags];
  const result = await dir.run(args);
  expect(result, result.stderr).toMatchObject({ status: 0 });
  expect([...readConverted(join(dir.path, 'items')).values()].flat()).toHaveLength(190);
  expect(readManifest(dir).rows).toMatchObject({ read: 200, written: 190, skipped: 10 });
  expect(target.itemsReceived()).toBe(0);
  expect(result.stdout).toMatch(/import-tokens verify tokens.csv .*--skip-rows 10\n/);
});

test('a conversion without items prints no commands that would load them', async () => {
  const dir = workDir();
  dir.write('tokens.csv', `token,expires_at\n${planted},${Math.floor(Date.now() / 1000) - 60}\n`);
  const expired = ['--skip-expired', '0s', '--ttl-column', 'expires_at', '--types', 'expires_at=N'];
  const { status, stdout } = await dir.run(['convert', 'tokens.csv', '--key', 'token', '--to', 'items', ...expired]);
  expect(status).toBe(0);
  expect(stdout).toContain('0 files with 0 items');
  expect(stdout).not.toContain('aws ');
  expect((await dir.run(['status'])).stdout).toContain('  convert completed  ');
});

test('sources of every dialect become the same items', async () => {
  const dir = workDir();
  const rows = Array.from({ length: 50 }, (_, i) => [`${planted}-t${i}`, String(i), `it's "${i}"`] as const);
  const expected = rows.map(([token, user, note]) => ({
    token: { S: token },
    user_id: { N: user },
    note: { S: note },
  }));
  const header = 'token,user_id,note';
  const csv = rows.map(([token, user, note]) => `${token},${user},"${note.replaceAll('"', '""')}"\n`).join('');
  dir.write('tokens.csv.gz', gzipSync(`${header}\n${csv}`));
  dir.write('tokens.txt', rows.map((row) => `${row.join('\t')}\n`).join(''));
  dir.write('tokens.sql', createTable('tokens'));
  dir.write('batch.tsv', [header.split(','), ...rows].map((row) => `${row.join('\t')}\n`).join(''));
  dir.write('dump.sql', dumpOf(createTable('tokens'), insertInto('tokens', tuples(50))));
  const sources = [
    ['tokens.csv.gz', '--types', 'user_id=N'],
    ['tokens.txt'],
    ['batch.tsv', '--schema', 'tokens.sql'],
    ['dump.sql'],
  ];
  for (const [i, source] of sources.entries()) {
    const result = await dir.run(['convert', ...source, '--key', 'token', '--to', `items-${i}`]);
    expect(result, result.stderr).toMatchObject({ status: 0 });
    const items = [...readConverted(join(dir.path, `items-${i}`)).values()].flat();
    expect(items).toHaveLength(expected.length);
    expect(items).toEqual(expect.arrayContaining(expected));
  }
  const piped = await dir.run(['convert', '-', '--key', 'token', '--types', 'user_id=N', '--to', 'items-piped'], {
    stdin: `${header}\n${csv}`,
  });
  expect(piped, piped.stderr).toMatchObject({ status: 0 });
  expect([...readConverted(join(dir.path, 'items-piped')).values()].flat()).toEqual(expect.arrayContaining(expected));
});

test.each([
  [['convert', '--to', 'items'], 'no source is given to convert'],
  [['convert', 'tokens.csv'], 'convert requires --to'],
  [
    ['convert', 'tokens.csv', '--to', 'items', '--if-exists', 'keep'],
    'import-tokens convert has no option --if-exists',
  ],
  [['convert', '--resume', 'run', '--max-rows', '5'], '--max-rows cannot change on --resume'],
])('%j is refused', async (args, message) => {
  const result = await workDir().run(args);
  expect(result).toMatchObject({ status: 2 });
  expect(result.stderr).toContain(`error: ${message}`);
});
