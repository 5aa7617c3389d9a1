import { expect, onTestFinished, test } from 'vitest';
import { startPlainServer } from '../../support/plain-server.ts';
import { selfSigned } from '../../support/plain-table/self-signed.ts';
import { PlainTable } from '../../support/plain-table.ts';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

async function httpsTable() {
  const identity = selfSigned();
  const table = new PlainTable({ name: 'tokens', key: [{ name: 'token', type: 'S' }] });
  const server = await startPlainServer(table, { identity });
  onTestFinished(() => server.close());
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(200));
  dir.write('authority.pem', identity.cert);
  return { table, dir, args: ['tokens.csv', '--endpoint-url', server.url] };
}

test.each(['dynamodb', 'dynamodb-sdk'])(
  '%s writes over https to an endpoint that AWS_CA_BUNDLE makes trusted',
  async (name) => {
    const { table, dir, args } = await httpsTable();
    const env = { AWS_CA_BUNDLE: `${dir.path}/authority.pem` };
    const { status } = await dir.run([...args, '--repository', name], { env });
    expect(status).toBe(0);
    expect(table.itemCount).toBe(200);
  },
);

test('nothing is sent over https to an endpoint that is not trusted', async () => {
  const { table, dir, args } = await httpsTable();
  const { status, stderr } = await dir.run(args);
  expect(status).toBe(4);
  expect(stderr).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  expect(table.itemCount).toBe(0);
});

test('a missing AWS_CA_BUNDLE is named', async () => {
  const { dir, args } = await httpsTable();
  const { status, stderr } = await dir.run(args, { env: { AWS_CA_BUNDLE: 'nowhere.pem' } });
  expect(status).toBe(2);
  expect(stderr).toContain('AWS_CA_BUNDLE: nowhere.pem cannot be read (ENOENT)');
});
