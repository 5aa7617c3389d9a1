import { describe, expect, test } from 'vitest';
import { chooseLogin, type LoginFlags, parseMysqlAddress } from '../../../src/adapters/mysql/login.ts';

const noFlags: LoginFlags = { sslMode: undefined, sslCa: undefined };

function login(source: string, file: Readonly<Record<string, string>> = {}, flags = noFlags, password?: string) {
  return chooseLogin(parseMysqlAddress(source), flags, password, new Map(Object.entries(file)));
}

test('the source goes before the option file', () => {
  const file = { user: 'other', host: 'other', port: '3310' };
  expect(login('mysql://app@db:3307/shop/tokens', file)).toMatchObject({ user: 'app', host: 'db', port: 3307 });
  expect(login('mysql:///shop/tokens', file)).toMatchObject({ user: 'other', host: 'other', port: 3310 });
  expect(login('mysql://app@db/shop/tokens')).toMatchObject({ port: 3306, server: 'db:3306' });
});

test('MYSQL_PWD goes before the password of the option file, even if it is empty', () => {
  const source = 'mysql://app@db/shop/tokens';
  expect(login(source, { password: 'file' }).password).toBe('file');
  expect(login(source, { password: 'file' }, noFlags, 'environment').password).toBe('environment');
  expect(login(source, { password: 'file' }, noFlags, '').password).toBe('');
  expect(login(source).password).toBeUndefined();
});

test('the socket of the option file is used for localhost without a port, as by the client', () => {
  const file = { socket: '/run/mysqld.sock' };
  expect(login('mysql://app@localhost/shop/tokens', file).server).toBe('/run/mysqld.sock');
  expect(login('mysql:///shop/tokens', { ...file, user: 'app' }).server).toBe('/run/mysqld.sock');
  expect(login('mysql://app@localhost:3306/shop/tokens', file).server).toBe('localhost:3306');
  expect(login('mysql://app@db/shop/tokens', file).server).toBe('db:3306');
  expect(login('mysql://app@[::1]/shop/tokens', file).server).toBe('[::1]:3306');
});

test('a source without a user is refused unless the option file names one', () => {
  expect(() => login('mysql://db/shop/tokens')).toThrow('nothing says which user logs in');
});

describe('TLS', () => {
  test.each([
    ['mysql://app@db.example.com/s/t', {}, 'VERIFY_IDENTITY'],
    ['mysql://app@10.0.0.5/s/t', {}, 'VERIFY_IDENTITY'],
    ['mysql://app@localhost/s/t', {}, 'PREFERRED'],
    ['mysql://app@127.0.0.1/s/t', {}, 'PREFERRED'],
    ['mysql://app@[::1]/s/t', {}, 'PREFERRED'],
    ['mysql://app@127.example.com/s/t', {}, 'VERIFY_IDENTITY'],
    ['mysql://app@localhost/s/t', { 'ssl-ca': 'ca.pem' }, 'VERIFY_CA'],
    ['mysql://app@localhost/s/t?socket=/run/s', {}, 'DISABLED'],
    ['mysql://app@db/s/t', { 'ssl-mode': 'verify_ca' }, 'VERIFY_CA'],
  ] as const)('%s with %j: %s', (source, file, mode) => {
    expect(login(source, file).sslMode).toBe(mode);
  });

  test('the flags go before the option file', () => {
    const flags: LoginFlags = { sslMode: 'REQUIRED', sslCa: 'flag.pem' };
    const file = { 'ssl-mode': 'DISABLED', 'ssl-ca': 'file.pem', 'ssl-cert': 'cert.pem', 'ssl-key': 'key.pem' };
    expect(login('mysql://app@db/s/t', file, flags)).toMatchObject({
      ...{ sslMode: 'REQUIRED', sslCa: 'flag.pem', sslCert: 'cert.pem', sslKey: 'key.pem' },
    });
  });

  test('a mode of the option file that no client has is refused', () => {
    expect(() => login('mysql://app@db/s/t', { 'ssl-mode': 'MAYBE' })).toThrow('DISABLED, PREFERRED');
  });
});
