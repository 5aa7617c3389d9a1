import { expect, test } from 'vitest';
import type { Item } from '../../support/plain-table/attribute-value.ts';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget } from './dynamo-target.ts';

test('verify expects the key of a row that deletes to be absent, and lists the items still there', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  // b is put and then deleted, c is deleted and then put, d is never there.
  const rows = ['a,U,1', 'b,U,2', 'c,D,', `b,D,${planted}`, 'c,U,3', 'd,D,no number'];
  dir.write('tokens.csv', `token,op,n\n${rows.join('\n')}\n`);
  const about = [...flags, '--types', 'n=N', '--delete-where', 'op=D'];
  const imported = await dir.run(['tokens.csv', ...about, '--yes', '--wps', '100000', '--verify', '--all']);
  expect(imported).toMatchObject({ status: 0, stdout: expect.stringContaining('Equal: every row is in table') });
  expect(imported.stdout).toContain(
    '6 read = 4 equal + 0 missing + 0 different + 0 undeleted + 2 superseded + 0 rejected + 0 skipped + 0 pending',
  );

  const items = table.items() as Map<string, Item>;
  expect([...items.keys()].sort()).toEqual(['S:a', 'S:c']);
  items.delete('S:a');
  items.set('S:b', { token: { S: 'b' }, op: { S: 'U' }, n: { N: '2' } });
  items.set('S:d', { token: { S: 'd' } });
  for (const which of [['--all'], ['--sample', '100', '--seed', '1']]) {
    const folder = which[0]!.slice(2);
    const result = await dir.run(['verify', 'tokens.csv', ...about, ...which, '--run-dir', folder]);
    expect(result).toMatchObject({
      status: 5,
      stdout: expect.stringContaining('Different: 1 missing, 0 different, 2 not deleted, 0 rejected by the mapping'),
    });
    expect(dir.read(`${folder}/missing.csv`)).toBe('token,op,n\na,U,1\n');
    expect(dir.read(`${folder}/undeleted.csv`)).toBe(`token,op,n\nb,D,${planted}\nd,D,no number\n`);
    expect(dir.read(`${folder}/undeleted.jsonl`)).toContain('the table has an item with this key');
    expect(result.stdout).toContain(`${folder}/undeleted.csv --if-exists newer:COLUMN`);
    expect(result.stdout + result.stderr).not.toContain(planted);
  }
  // The rows that are listed mend the table.
  const mended = await dir.run(['all/undeleted.csv', ...about, '--yes', '--wps', '100000', '--max-deletes', '-1']);
  expect(mended).toMatchObject({ status: 0 });
  expect([...items.keys()]).toEqual(['S:c']);
});
