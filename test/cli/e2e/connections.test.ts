import { spawnSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { importerCommand, runsEveryCase } from '../../support/importer-command.ts';
import { startPlainServer } from '../../support/plain-server.ts';
import { PlainTable } from '../../support/plain-table.ts';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

const batches = runsEveryCase ? 4_000 : 1_000;
const items = batches * 25;

test.each([
  ['dynamodb', 64],
  ['dynamodb-sdk', 8],
])(
  `%s sends ${items} items in ${batches} batches over no more than %i connections`,
  async (repository, concurrency) => {
    // The table is described with another client before any batch, so its connection does not count.
    let openedBefore = 0;
    const table = new (class extends PlainTable {
      override handle(...request: Parameters<PlainTable['handle']>) {
        openedBefore = server.connectionsOpened();
        return super.handle(...request);
      }
    })({ name: 'tokens', key: [{ name: 'token', type: 'S' }], discard: true });
    const server = await startPlainServer(table);
    onTestFinished(() => server.close());
    const dir = workDir();
    const file = dir.write('tokens.csv', tokensCsv(items));
    const target = ['--endpoint-url', server.url, '--repository', repository, '--concurrency', `${concurrency}`];

    const { status, stdout } = await dir.run([file, ...target, '--wps', '1000000', '--summary', 's.json']);

    expect(stdout).toContain('every row is in table tokens');
    expect(status).toBe(0);
    const summary = JSON.parse(dir.read('s.json'));
    expect(table.itemCount).toBe(items);
    expect(summary.requests).toMatchObject({ sent: batches, retried: 0 });
    // The requests before: the table's description, then streams, replicas and the like.
    expect(openedBefore).toBeLessThanOrEqual(5);
    expect(server.connectionsOpened() - openedBefore).toBeLessThanOrEqual(concurrency);
    expect(summary.connectionsOpened).toBeLessThanOrEqual(concurrency);
  },
);

test.skipIf(process.platform !== 'linux').each([
  { what: 'an import', command: [] },
  { what: 'a verification', command: ['verify'] },
])('more connections than the open files of $what are refused before the first request', ({ command }) => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(1));
  const { file, args, env } = importerCommand();
  const limited = ['-c', 'ulimit -n 100 && exec "$0" "$@"', file, ...args];
  const options = ['tokens.csv', '--endpoint-url', 'http://127.0.0.1:1', '--concurrency', '64', '--run-dir', 'run'];
  const { status, stderr } = spawnSync('/bin/sh', [...limited, ...command, ...options], {
    ...{ cwd: dir.path, encoding: 'utf8', env: { ...process.env, ...env } },
  });
  expect(stderr).toContain('--concurrency 64 needs 104 open files, and this process may have 100');
  expect(status).toBe(2);
});
