import { expect, test } from 'vitest';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';

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
