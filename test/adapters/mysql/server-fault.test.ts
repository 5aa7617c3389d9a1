import { describe, expect, test } from 'vitest';
import { type FaultPlace, serverFault } from '../../../src/adapters/mysql/server-fault.ts';

const place: FaultPlace = {
  name: 'mysql://app@db.example.com/shop/tokens',
  server: 'db.example.com:3306',
  user: 'app',
  database: 'shop',
  table: 'tokens',
  hasPassword: true,
  hasWhere: true,
};

const codes = [
  ...['ENOTFOUND', 'ECONNREFUSED', 'ENOENT', 'EACCES', 'ETIMEDOUT', 'ECONNRESET', 'HANDSHAKE_NO_SSL_SUPPORT'],
  ...['ER_SECURE_TRANSPORT_REQUIRED', 'HANDSHAKE_SSL_ERROR', 'ER_ACCESS_DENIED_ERROR', 'ER_HOST_NOT_PRIVILEGED'],
  ...['ER_CON_COUNT_ERROR', 'ER_ACCOUNT_HAS_BEEN_LOCKED', 'AUTH_SWITCH_PLUGIN_ERROR'],
  ...['MYSQL_CLEAR_PASSWORD_NOT_ENABLED', 'ER_BAD_DB_ERROR', 'ER_NO_SUCH_TABLE', 'ER_DBACCESS_DENIED_ERROR'],
  ...['ER_TABLEACCESS_DENIED_ERROR', 'ER_TABLE_DEF_CHANGED', 'ER_LOCK_WAIT_TIMEOUT', 'ER_PARSE_ERROR'],
  ...['ER_BAD_FIELD_ERROR', 'ER_OUT_OF_RESOURCES'],
];

test('every reason has a message of its own that names the source, and a hint', () => {
  const faults = codes.map((code) => serverFault(reported(code), place));
  expect(new Set(faults.map(({ message }) => message)).size).toBe(codes.length);
  for (const { message, hint } of faults) {
    expect(message.startsWith(`${place.name}: `)).toBe(true);
    expect(hint).toMatch(/^[A-Z].*\.$/s);
  }
});

test.each(codes)('%s: the text of the server is left out, since it can hold a value', (code) => {
  const { message, hint } = serverFault(reported(code), place);
  expect(`${message} ${hint}`).not.toContain('hunter2');
});

describe('a certificate', () => {
  test.each([
    ["Hostname/IP does not match certificate's altnames: Host: db", 'is for another host'],
    ['certificate has expired', 'has expired'],
    ['self-signed certificate in certificate chain', 'not signed by an authority that is trusted here'],
    ['unable to get local issuer certificate', 'not signed by an authority that is trusted here'],
    ['wrong version number', 'the TLS handshake with db.example.com:3306 failed'],
  ])('%s', (text, told) => {
    expect(serverFault(reported('HANDSHAKE_SSL_ERROR', text), place).message).toContain(told);
  });
});

test('a code that is not known is told with its number', () => {
  const cause = Object.assign(new Error('hunter2'), { code: 'ER_SOMETHING', errno: 4711 });
  expect(serverFault(cause, place).message).toContain('failed with ER_SOMETHING (4711)');
});

test('without --where, SQL that is refused is not blamed on it', () => {
  expect(serverFault(reported('ER_PARSE_ERROR'), { ...place, hasWhere: false }).message).not.toContain('--where');
});

function reported(code: string, text = 'Duplicate entry hunter2'): Error {
  return Object.assign(new Error(text), { code });
}
