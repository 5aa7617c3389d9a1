import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, type PlainItem, plainItem, startDynalite } from '../../support/engines.ts';
import { startPlainServer } from '../../support/plain-server.ts';
import { PlainTable } from '../../support/plain-table.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { workDir } from '../../support/work-dir.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await startDynalite();
  await engine.createTable('tokens', [{ name: 'token', type: 'S' }]);
});
afterAll(() => engine.stop());

describe('an import by the binary', () => {
  test('puts 50,000 rows into a real engine, equal to an independent read of the CSV', async () => {
    const dir = workDir();
    const csv = hostileCsv(50_000);
    dir.write('tokens.csv', csv);
    const run = await dir.run([
      ...['tokens.csv', '--endpoint-url', engine.endpointUrl, '--wps', '1000000', '--types', 'user_id=N'],
      ...['--summary', 'summary.json', '--run-dir', 'run'],
    ]);
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toContain('50,000 read = 50,000 written');
    const expected = (parse(csv, { columns: true }) as Record<string, string>[]).map(({ token, user_id, label }) =>
      plainItem({ token: { S: token! }, user_id: { N: user_id! }, label: { S: label! } }),
    );
    expect(sorted(await engine.readItems('tokens'))).toEqual(sorted(expected));
    expect(JSON.parse(dir.read('summary.json'))).toMatchObject({ outcome: 'completed', rows: { written: 50_000 } });
  }, 120_000);

  test('keeps its connections: 4,000 batches open no more than --concurrency', async () => {
    const server = await startPlainServer(
      new PlainTable({ name: 'tokens', key: [{ name: 'token', type: 'S' }], discard: true }),
    );
    try {
      const dir = workDir();
      dir.write('tokens.csv', `token,n\n${Array.from({ length: 100_000 }, (_, i) => `t${i},${i}`).join('\n')}\n`);
      const args = ['tokens.csv', '--endpoint-url', server.url, '--wps', '1000000', '--concurrency', '16'];
      const run = await dir.run([...args, '--summary', 'summary.json']);
      expect(run.status, run.stderr).toBe(0);
      expect(server.connectionsOpened()).toBeLessThanOrEqual(16 + 2);
      const { connectionsOpened, requests } = JSON.parse(dir.read('summary.json'));
      expect(connectionsOpened).toBeLessThanOrEqual(16);
      expect(requests.sent).toBe(4000);
    } finally {
      await server.close();
    }
  }, 60_000);

  test('stops cleanly on SIGINT, and the command it prints finishes the import', async () => {
    const dir = workDir();
    await engine.createTable('stopped', [{ name: 'token', type: 'S' }]);
    dir.write('tokens.csv', `token,n\n${Array.from({ length: 3000 }, (_, i) => `t${i},${i}`).join('\n')}\n`);
    const target = ['--table', 'stopped', '--endpoint-url', engine.endpointUrl, '--run-dir', 'run'];
    const running = dir.spawn(['tokens.csv', ...target, '--wps', '1000', '--log-level', 'debug']);
    await running.until('checkpointed');
    running.child.kill('SIGINT');
    const stopped = await running.ended;
    expect(stopped.status, stopped.stderr).toBe(130);
    expect(stopped.stdout).toContain('import-tokens --resume run');
    const resumed = await dir.run(['--resume', 'run', '--wps', '100000']);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(resumed.stdout).toContain('3,000 read = 3,000 written');
    expect(await engine.readItems('stopped')).toHaveLength(3000);
    const again = await dir.run(['--resume', 'run']);
    expect(again.status).toBe(0);
    expect(again.stderr).toContain('this run is finished');
  }, 60_000);
});

function sorted(items: readonly PlainItem[]): string[] {
  return items.map((item) => JSON.stringify(Object.entries(item).sort())).sort();
}

/** Rows with quotes, commas, line breaks and characters of one to four bytes. */
function hostileCsv(rows: number): string {
  const random = seededRandom(5);
  const pieces = ['plain', 'a,b', 'say ""hi""', 'line\nbreak', 'é', '漢字', '😀', ' '];
  let csv = 'token,user_id,label\n';
  for (let i = 0; i < rows; i++) {
    const label = random() < 0.3 ? `"${pieces[i % pieces.length]}${i}"` : `plain ${i}`;
    csv += `tok-${i.toString(36)},${i + 1},${label}\n`;
  }
  return csv;
}
