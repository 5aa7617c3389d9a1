import { expect, onTestFinished, test } from 'vitest';
import { startPlainServer } from '../../support/plain-server.ts';
import { PlainTable } from '../../support/plain-table.ts';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

test.each([
  ['dynamodb', 64],
  ['dynamodb-sdk', 8],
])('%s sends 100,000 items in 4,000 batches over no more than %i connections', async (repository, concurrency) => {
  // The table is described over a client of its own, before any batch: that connection is not one of theirs.
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
  const file = dir.write('tokens.csv', tokensCsv(100_000));
  const target = ['--endpoint-url', server.url, '--repository', repository, '--concurrency', `${concurrency}`];

  const { status, stderr } = await dir.run([file, ...target, '--wps', '1000000', '--summary', 's.json']);

  expect(stderr).toContain('every row is in table tokens');
  expect(status).toBe(0);
  const summary = JSON.parse(dir.read('s.json'));
  expect(table.itemCount).toBe(100_000);
  expect(summary.requests).toMatchObject({ sent: 4000, retried: 0 });
  // What is asked of the table before: its description, and at once what hangs on it.
  expect(openedBefore).toBeLessThanOrEqual(5);
  expect(server.connectionsOpened() - openedBefore).toBeLessThanOrEqual(concurrency);
  expect(summary.connectionsOpened).toBeLessThanOrEqual(concurrency);
});
