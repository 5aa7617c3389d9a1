import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget } from './dynamo-target.ts';

test('an import stops before --max-deletes is exceeded, and a resume with a higher one goes on', async () => {
  const dir = workDir();
  const lines = Array.from({ length: 1_200 }, (_, i) => (i % 5 === 0 ? `t${i},D,${planted}` : `t${i},U,${i}`));
  dir.write('a.csv', `token,op,n\n${lines.join('\n')}\n`);
  const about = ['a.csv', '--repository', 'memory', '--types', 'n=N', '--delete-where', 'op=D'];
  const plan = await dir.run(['plan', ...about]);
  expect(plan).toMatchObject({ status: 3, stdout: expect.stringContaining('960 to import + 240 to delete') });
  const stopped = await dir.run([...about, '--run-dir', 'run']);
  expect(stopped).toMatchObject({ status: 3, stderr: expect.stringContaining('--max-deletes allows 10%') });
  expect(stopped.stdout).toContain('import-tokens --resume run --max-deletes 20%');
  const resumed = await dir.run(['--resume', 'run', '--max-deletes', '240']);
  expect(resumed).toMatchObject({ status: 0, stdout: expect.stringContaining('960 written') });
  expect(JSON.parse(dir.read('run/summary.json')).rows).toMatchObject({ written: 960, deleted: 240, rejected: 0 });
});

test('with --yes, a run that --max-deletes would stop is refused; a rehearsal warns of it', async () => {
  const { itemsReceived, flags } = await dynamoTarget();
  const dir = workDir();
  const lines = Array.from({ length: 3_000 }, (_, i) => (i % 5 === 0 ? `${planted}-t${i},D` : `t${i},U`));
  dir.write('a.csv', `token,op\n${lines.join('\n')}\n`);
  const about = ['a.csv', '--delete-where', 'op=D', '--run-dir', 'run'];
  const refused = await dir.run([...about, ...flags, '--yes']);
  expect(refused.status).toBe(3);
  expect(refused.stderr).toContain(
    'it would stop near row 1,000, because of --max-deletes; 600 of the first 3,000 rows',
  );
  expect(itemsReceived()).toBe(0);
  expect(existsSync(`${dir.path}/run`)).toBe(false);
  const rehearsal = await dir.run([...about, '--repository', 'memory', '--log-format', 'pretty']);
  expect(rehearsal.status).toBe(3);
  expect(rehearsal.stderr).toContain(
    '! it will stop near row 1,000, as more rows delete than --max-deletes 10% allows',
  );
  const enough = ['a.csv', '--delete-where', 'op=D', '--run-dir', 'enough', ...flags, '--max-deletes', '25%'];
  expect(await dir.run([...enough, '--yes', '--wps', '100000'])).toMatchObject({ status: 0 });
});
