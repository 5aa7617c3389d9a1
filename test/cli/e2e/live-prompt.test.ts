import { expect, onTestFinished, test } from 'vitest';
import { scriptOf } from '../../adapters/mysql/scripted-table.ts';
import { hasPseudoTerminal } from '../../support/pseudo-terminal.ts';
import { startScriptedMysql } from '../../support/scripted-mysql.ts';
import { workDir } from '../../support/work-dir.ts';

const secret = 'correct-horse';
const refused = { errno: 1045, message: 'Access denied' };

test.runIf(hasPseudoTerminal)('a password is asked for on a terminal, which does not show it', async () => {
  const login = (_user: string, hasPassword: boolean) => (hasPassword ? undefined : refused);
  const server = await startScriptedMysql(scriptOf({ rows: [[1, 'a']], login }));
  onTestFinished(() => server.close());
  const source = `mysql://app@127.0.0.1:${server.port}/shop/tokens`;
  const running = workDir({ planted: [secret] }).spawn([source, '--repository', 'memory', '--no-run-dir'], {
    terminalColumns: 80,
  });
  await running.until('Password of app');
  running.child.stdin.write(`${secret}\n`);
  const { status, stdout } = await running.ended;
  expect(status, stdout).toBe(0);
  expect(stdout).toContain('1 written');
  expect(stdout).not.toContain(secret);
});

test.runIf(hasPseudoTerminal)('Ctrl-C at the question for a password ends the import', async () => {
  const server = await startScriptedMysql(scriptOf({ rows: [[1, 'a']], login: () => refused }));
  onTestFinished(() => server.close());
  const source = `mysql://app@127.0.0.1:${server.port}/shop/tokens`;
  const running = workDir().spawn([source, '--repository', 'memory', '--no-run-dir'], { terminalColumns: 80 });
  await running.until('Password of app');
  running.child.stdin.write('\u0003');
  expect(await running.ended).toMatchObject({ status: 130, stdout: expect.stringContaining('stopped by SIGINT') });
});
