import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listenOnLoopback } from '../../support/loopback.ts';
import { workDir } from '../../support/work-dir.ts';

const secret = 'correct-horse';
const byArguments = 'every user of this machine can read the arguments of a process';

test.each([
  ['a password in the source', [`mysql://app:${secret}@db/shop/tokens`], byArguments],
  ['--password', ['mysql://app@db/shop/tokens', `--password=${secret}`], byArguments],
  ['-p', ['mysql://app@db/shop/tokens', `-p${secret}`], byArguments],
  ['a source without a table', ['mysql://app@db/shop'], 'such as mysql://user@host:3306/db/table'],
  ['a second source', ['mysql://app@db/shop/tokens', 'tokens.csv'], 'a mysql:// source is read alone'],
  ['a format', ['mysql://app@db/shop/tokens', '--format', 'csv'], '--format does not apply to a mysql:// source'],
  ['a schema', ['mysql://app@db/shop/tokens', '--schema', 'a.sql'], '--schema does not apply to a mysql:// source'],
  ['--where for a file', ['tokens.csv', '--where', 'id=1'], '--where requires a mysql:// source'],
  ['no user', ['mysql://127.0.0.1/shop/tokens'], 'nothing says which user logs in'],
  ['no option file', ['mysql://app@db/shop/tokens', '--defaults-file', 'none.cnf'], 'none.cnf cannot be read (ENOENT)'],
])('%s is refused with 2 before anything is opened', async (_, argv, message) => {
  const dir = workDir({ planted: [secret] });
  const { status, stdout, stderr } = await dir.run([...argv, '--repository', 'memory']);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/\nhint: [A-Z]/);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

test('a server that does not listen is told with 4, and the run directory is not made', async () => {
  const { port, close } = await listenOnLoopback(createServer());
  await close();
  const dir = workDir({ planted: [secret] });
  const source = `mysql://app@127.0.0.1:${port}/shop/tokens`;
  const run = await dir.run([source, '--repository', 'memory', '--run-dir', 'run'], { env: { MYSQL_PWD: secret } });
  expect(run).toMatchObject({ status: 4, stderr: expect.stringContaining(`127.0.0.1:${port} refuses connections`) });
  expect(() => dir.read('run/manifest.json')).toThrow();
});
