import { describe, expect, test } from 'vitest';
import { isMysqlAddress, parseMysqlAddress } from '../../../src/adapters/mysql/login.ts';
import { ImportError } from '../../../src/domain/import-error.ts';

test.each([
  ['mysql://app@db.example.com:3307/shop/tokens', { user: 'app', host: 'db.example.com', port: 3307 }],
  ['mysql://db.example.com/shop/tokens', { user: undefined, host: 'db.example.com', port: undefined }],
  ['mysql://app@[::1]:3306/shop/tokens', { host: '::1', port: 3306 }],
  ['mysql:///shop/tokens', { user: undefined, host: undefined }],
  ['MySQL://app@localhost/shop/tokens?socket=/run/mysqld.sock', { socketPath: '/run/mysqld.sock', host: 'localhost' }],
  ['mysql://app%40corp@db/shop/tokens', { user: 'app@corp' }],
])('%s is read', (source, parts) => {
  expect(isMysqlAddress(source)).toBe(true);
  expect(parseMysqlAddress(source)).toMatchObject({ name: source, database: 'shop', table: 'tokens', ...parts });
});

test('names of databases and tables are decoded', () => {
  expect(parseMysqlAddress('mysql://app@db/my%2Fshop/t%C3%BCr%60')).toMatchObject({
    database: 'my/shop',
    table: 'tür`',
  });
});

test.each(['tokens.csv', '-', './mysql://x', 's3://bucket/key', 'mysql.txt'])('%s is a file', (source) => {
  expect(isMysqlAddress(source)).toBe(false);
});

const secret = 'hunter2';

describe('a password in the source is refused and never repeated', () => {
  test.each([
    `mysql://app:${secret}@db/shop/tokens`,
    `mysql://app:${secret}#1@db/shop/tokens`,
    `mysql://app:${secret}/1@db/shop/tokens`,
    `mysql://app:1/${secret}@db/shop/tokens`,
    `mysql://app:12#${secret}@db/shop/tokens`,
    `mysql://:${secret}@db/shop/tokens`,
    `mysql://app@${secret}@db/shop/tokens`,
  ])('%#', (source) => {
    const fault = refusalOf(source);
    expect(fault.code).toBe('usage');
    expect(`${fault.message} ${fault.hint}`).not.toContain(secret);
    if (/\/\/[^@]*:/.test(source)) expect(fault.message).toContain('every user of this machine can read the arguments');
  });
});

test.each([
  'mysql://app@db/shop',
  'mysql://app@db/',
  'mysql://app@db/shop/tokens/more',
  'mysql://app@db//tokens',
  'mysql://app@db:port/shop/tokens',
  'mysql://app@/shop/tokens',
  'mysql://app@db/shop/to%ken',
  'mysql://app@db/shop/tokens#x',
])('%s is refused with an example', (source) => {
  expect(refusalOf(source)).toMatchObject({
    code: 'usage',
    message: expect.stringContaining('mysql://user@host:3306/db/table'),
    hint: expect.stringMatching(/^[A-Z].*\.$/),
  });
});

test('a parameter other than the socket is refused by its name', () => {
  expect(refusalOf('mysql://app@db/shop/tokens?ssl=1')).toMatchObject({
    code: 'usage',
    message: 'a mysql:// source has no parameter "ssl"',
  });
});

function refusalOf(source: string): ImportError {
  try {
    parseMysqlAddress(source);
  } catch (error) {
    expect(error).toBeInstanceOf(ImportError);
    return error as ImportError;
  }
  throw new Error('Expected a refusal, got none');
}
