import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';

const csv = `token,n\n${planted},1\nb,2\nc,x\n`;

test('plan reads and maps the source, says what an import would be, and writes nothing', async () => {
  const dir = workDir();
  dir.write('tokens.csv', csv);
  const { status, stdout, stderr } = await dir.run([
    ...['plan', 'tokens.csv', '--repository', 'memory', '--types', 'n=N', '--wps', '1'],
  ]);
  expect([status, stderr]).toEqual([5, '']);
  expect(stdout).toContain('1 row would be rejected. Nothing was written.');
  expect(stdout).toContain('3 read = 2 to import + 1 to reject + 0 to skip');
  expect(stdout).toMatch(/time +2 s\n/);
  expect(stdout).toContain('  1  not-a-number');
});

test('--dry-run is the same as plan, and --json gives its figures', async () => {
  const dir = workDir();
  dir.write('tokens.csv', csv);
  const flags = ['tokens.csv', '--repository', 'memory', '--json'];
  const [dry, plan] = await Promise.all([dir.run([...flags, '--dry-run']), dir.run(['plan', ...flags])]);
  expect([dry.status, plan.status]).toEqual([0, 0]);
  expect(dry.stdout).toBe(plan.stdout);
  expect(JSON.parse(plan.stdout)).toMatchObject({ version: 1, outcome: 'ready', rows: { read: 3, importable: 3 } });
});

test('a plan that is stopped shows nothing half as whole', async () => {
  const dir = workDir();
  const running = dir.spawn(['plan', '-', '--repository', 'memory', '--progress', 'none']);
  running.child.stdin.write(`token,n\n${'a,1\n'.repeat(300_000)}`);
  // The reading has begun once the pipe takes more than it and the reader hold.
  await new Promise<void>((resolve) => running.child.stdin.once('drain', () => resolve()));
  running.child.kill('SIGINT');
  const { status, stdout, stderr } = await running.ended;
  expect([status, stdout]).toEqual([130, '']);
  expect(stderr).toMatch(/stopped by SIGINT after \d+ rows: no plan/);
});

test('the mapping of a MySQL dump is shown without a value, and works offline', async () => {
  const dir = workDir({ planted: ['12345678901234567890'] });
  for (const name of ['tokens.txt', 'tokens.sql']) {
    dir.write(name, readFileSync(new URL(`../../fixtures/mysql/tab/${name}`, import.meta.url)));
  }
  const { stdout } = await dir.run(['plan', 'tokens.txt', '--repository', 'memory', '--types', 'expires_at=EPOCH']);
  expect(stdout).toMatch(/\n {2}column +type +becomes +NULL +empty +bytes +dates +rejects\n/);
  expect(stdout).toMatch(/\n {2}amount +decimal\(30,10\) +N +1 +0 +12 to 31\n/);
  expect(stdout).toMatch(/\n {2}score +double +N +1 +0 +1 to 22 +2 number-out-of-range\n/);
  expect(stdout).toMatch(/\n {2}expires_at +timestamp +EPOCH +10 +0 +19 +20\d\d-\d\d-\d\d/);
  expect(stdout).not.toContain('12345678901234567890');
  const shown = await dir.run(['plan', 'tokens.txt', '--repository', 'memory', '--show-values']);
  expect(shown.stdout).toContain('longest   12345678901234567890.0123456789');
});
