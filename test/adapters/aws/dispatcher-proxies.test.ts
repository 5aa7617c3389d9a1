import { expect, test } from 'vitest';
import { proxyFor } from '../../../src/adapters/aws/dispatcher.ts';

const httpProxy = new URL('http://plain:3128');
const httpsProxy = new URL('http://secure:3128');

test('the scheme of the endpoint decides which proxy it is, and there may be none', () => {
  expect(proxyFor('https://a.example', { httpProxy, httpsProxy })).toBe(httpsProxy);
  expect(proxyFor('http://a.example', { httpProxy, httpsProxy })).toBe(httpProxy);
  expect(proxyFor('https://a.example', { httpProxy })).toBeUndefined();
  expect(proxyFor('http://a.example', { httpsProxy })).toBeUndefined();
});

test.each([
  ['*', true],
  ['a.example', true],
  ['A.Example', true],
  ['a.example.', true],
  ['.example', true],
  ['*.example', true],
  ['example', true],
  ['example.', true],
  ['x.org,a.example', true],
  ['x.org  a.example:8000', true],
  ['a.example:8000', true],
  ['.example.:8000', true],
  ['a.example:443', false],
  ['.a.example', true],
  ['b.example', false],
  ['ample', false],
  ['', false],
])('NO_PROXY %j is asked of the host and the port of the endpoint', (noProxy, isSpared) => {
  for (const host of ['a.example', 'a.example.']) {
    const proxy = proxyFor(`http://${host}:8000`, { httpProxy, noProxy });
    expect({ host, isSpared: proxy === undefined }).toEqual({ host, isSpared });
  }
});

test('addresses match without brackets, and default ports match those of the scheme', () => {
  expect(proxyFor('http://[::1]:8000', { httpProxy, noProxy: '::1' })).toBeUndefined();
  expect(proxyFor('http://[::1]:8000', { httpProxy, noProxy: '[::1]:8000' })).toBeUndefined();
  expect(proxyFor('https://a.example', { httpsProxy, noProxy: 'a.example:443' })).toBeUndefined();
  expect(proxyFor('https://a.example', { httpsProxy, noProxy: 'a.example:80' })).toBe(httpsProxy);
});
