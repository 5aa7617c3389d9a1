import { chmodSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseOptionFile, readOptionFile } from '../../../src/adapters/mysql/login.ts';
import { workDir } from '../../support/work-dir.ts';

const optionsIn = (text: string) => Object.fromEntries(parseOptionFile(text).options);

test("the options of the client's groups are read, those of other programs are not", () => {
  const text = `
user = early
[mysqld]
user = mysql
[client]
user = app
[mysqldump]
user = backup
[client-server]
port=3307
[client-mariadb]
ssl_ca = /etc/ca.pem
[mysql]
password = no
`;
  expect(optionsIn(text)).toEqual({ user: 'app', port: '3307', 'ssl-ca': '/etc/ca.pem' });
});

// As `my_print_defaults client` of MySQL and of MariaDB prints them.
test.each([
  ['password=plain', 'plain'],
  ['password = spaced  ', 'spaced'],
  ['password="in quotes"', 'in quotes'],
  ["password='single # quotes'", 'single # quotes'],
  ['password="a#b"  # a comment', 'a#b'],
  ['password=a#b', 'a'],
  ['password=a"b', 'a"b'],
  ['password="unclosed', '"unclosed'],
  ['password=tab\\tspace\\send', 'tab\tspace end'],
  ['password=back\\\\slash\\x', 'back\\slash\\x'],
  ['password="quo\\"te"', 'quo"te'],
  ['password=', ''],
  ['password', ''],
  ['loose-password=loose', 'loose'],
  ['password=a=b', 'a=b'],
  ['password=€', '€'],
  ["password=it's # kept", "it's # kept"],
])('[client] %s', (line, password) => {
  expect(optionsIn(`[client]\n${line}\n`)).toEqual({ password });
});

test('comments and blank lines are skipped, the last of several values holds, and lines may end with CR LF', () => {
  expect(optionsIn('[client]\r\n# user=x\r\n; user=y\r\n\r\nuser=first\r\nuser=last\r\n')).toEqual({ user: 'last' });
});

test('a file that is named is read instead of ~/.my.cnf', async () => {
  const dir = workDir();
  dir.write('.my.cnf', '[client]\nuser=home\n');
  const named = dir.write('named.cnf', '[client]\nuser=named\n');
  const user = async (path?: string) => (await readOptionFile(path, dir.path, unexpected)).get('user');
  expect(await user()).toBe('home');
  expect(await user(named)).toBe('named');
});

test('no ~/.my.cnf is no fault, but a named file that is missing is', async () => {
  const dir = workDir();
  expect((await readOptionFile(undefined, dir.path, unexpected)).size).toBe(0);
  expect((await readOptionFile(undefined, undefined, unexpected)).size).toBe(0);
  await expect(readOptionFile(`${dir.path}/none.cnf`, dir.path, unexpected)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('none.cnf cannot be read (ENOENT)'),
  });
});

test('as for the client, ~/.my.cnf that every user may write to is ignored with a warning', async () => {
  const dir = workDir();
  chmodSync(dir.write('.my.cnf', '[client]\nuser=anybody\n'), 0o666);
  const warnings: string[] = [];
  expect((await readOptionFile(undefined, dir.path, (message) => warnings.push(message))).size).toBe(0);
  expect(warnings).toEqual([expect.stringContaining('every user may write to it')]);
});

test('an include is warned of, because it is not followed', async () => {
  const dir = workDir();
  dir.write('.my.cnf', '[client]\nuser=app\n!includedir /etc/mysql/conf.d\n');
  const warnings: string[] = [];
  const options = await readOptionFile(undefined, dir.path, (message) => warnings.push(message));
  expect(options.get('user')).toBe('app');
  expect(warnings).toEqual([expect.stringContaining('!includedir are not followed')]);
});

function unexpected(message: string): void {
  throw new Error(`Expected no warning, got "${message}"`);
}
