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
  expect(await dir.run(['--resume', 'run', '--max-rows', 'all', '--yes'])).toMatchObject({
    status: 5,
    stdout: expect.stringMatching(/rejected\.csv .*--set 'pk=TOKEN#\{token\}' --set 'sk=\{at\}' --set 'type="T"'/),
  });
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

test('text becomes sets and lists, and empty text NULL, as a verification finds them', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  dir.write(
    'tokens.csv',
    `token,tags,sizes,path,note,n\n${planted},b|a|b,"10,2.0,1e1",x/y/x,,\ny,,,,z,7\n|,3,w,v,u,8\nw,a,1 2,,,\n`,
  );
  const types = 'tags=SS(|),sizes=NS(comma),path=L(/),n=N';
  const mapping = [...flags, '--types', types, '--empty', 'null'];
  const imported = await dir.run(['tokens.csv', ...mapping, '--yes', '--wps', '1000', '--run-dir', 'run']);
  expect(imported).toMatchObject({ status: 5, stdout: expect.stringContaining('not-a-number ×2') });
  const [NULL, L] = [true, ['x', 'y', 'x'].map((S) => ({ S }))];
  const items = table.items() as Map<string, Item>;
  expect([items.get(`S:${planted}`), items.get('S:y')]).toEqual([
    {
      token: { S: planted },
      tags: { SS: ['b', 'a'] },
      sizes: { NS: ['10', '2'] },
      path: { L },
      note: { NULL },
      n: { NULL },
    },
    { token: { S: 'y' }, tags: { NULL }, sizes: { NULL }, path: { NULL }, note: { S: 'z' }, n: { N: '7' } },
  ]);
  items.set('S:y', { ...items.get('S:y'), n: { N: '8' } });
  const verified = await dir.run(['verify', 'tokens.csv', ...mapping, '--all']);
  expect(verified.stdout).toContain('4 read = 1 equal + 0 missing + 1 different');

  const newer = await dir.run(['tokens.csv', ...mapping, '--if-exists', 'newer:n', '--yes', '--wps', '1000']);
  expect(newer.stderr).toContain('--if-exists newer:n: --empty null makes its empty text NULL, which has no order');
  const key = await dir.run(['tokens.csv', ...flags, '--types', 'token=L(|)', '--yes', '--wps', '1000']);
  expect(key.stderr).toContain("--types token=L(|) contradicts the table: the table's partition key is S");
}, 30_000);
