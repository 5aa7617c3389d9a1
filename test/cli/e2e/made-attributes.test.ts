import { expect, test } from 'vitest';
import type { Item } from '../../support/plain-table/attribute-value.ts';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget } from './dynamo-target.ts';

const key = [
  { name: 'pk', type: 'S' },
  { name: 'sk', type: 'N' },
] as const;

test('keys made of omitted columns are planned, imported, verified and kept for a resume', async () => {
  const { flags, table } = await dynamoTarget({ key });
  const dir = workDir();
  dir.write('tokens.csv', `token,user_id,at\n${planted}ä,1,10\n${planted},2,20\nx,3,NULL\n`);
  const set = ['--set', 'pk=TOKEN#{token}', '--set', 'sk={at}', '--set', 'type="T"', '--omit', 'token,at'];
  const mapping = [...flags, ...set, '--null', 'NULL', '--types', 'user_id=N'];

  const { stdout: plan } = await dir.run(['plan', 'tokens.csv', ...mapping]);
  expect(plan).toContain('3 read = 2 to import + 1 to reject');
  expect(plan).toMatch(/\n {2}token +left out /);
  expect(plan).toMatch(/\n {2}pk +S from --set +0 +0 +\d+ to \d+\n/);

  const options = ['--yes', '--wps', '1000', '--run-dir', 'run', '--max-rows', '1'];
  const first = await dir.run(['tokens.csv', ...mapping, ...options, '--details']);
  expect(first.stderr).toContain('pk S from --set');
  const changed = await dir.run(['--resume', 'run', '--set', 'pk={token}', '--yes']);
  expect(changed).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('--set is not what this run was started'),
  });
  expect(await dir.run(['--resume', 'run', '--max-rows', 'all', '--yes'])).toMatchObject({ status: 5 });
  expect(dir.read('run/rejects.jsonl')).toContain('"column \\"at\\" is NULL, and --set sk needs it"');

  const items = [...(table.items() as Map<string, Item>).values()];
  const rest = (user: string, at: string) => ({ sk: { N: at }, type: { S: '"T"' }, user_id: { N: user } });
  expect(items).toEqual([
    { pk: { S: `TOKEN#${planted}ä` }, ...rest('1', '10') },
    { pk: { S: `TOKEN#${planted}` }, ...rest('2', '20') },
  ]);
  const verified = await dir.run(['verify', 'tokens.csv', ...mapping, '--all']);
  expect(verified.stdout).toContain('3 read = 2 equal + 0 missing + 0 different');
}, 30_000);
