import { expect, test } from 'vitest';
import { parseChoice, parseTimeZone, parseUrl } from '../../../src/options/parse/parse-text.ts';

test('a word that is no choice is refused with those that there are', () => {
  const parse = parseChoice('csv', 'mysql', 'mysql-batch');
  expect(parse('csv', '--format', undefined)).toBe('csv');
  expect(() => parse('tsv', '--format', undefined)).toThrow('--format: expected csv, mysql or mysql-batch, got "tsv"');
});

test.each(['http://127.0.0.1:8000', 'https://dynamodb.eu-west-1.amazonaws.com'])('%s is an address', (text) => {
  expect(parseUrl(text, '--endpoint-url', undefined)).toBe(text);
});

test.each(['', 'localhost:8000', 'ftp://host', 'https://', 'http://a b'])('"%s" is no address', (text) => {
  expect(() => parseUrl(text, '--endpoint-url', undefined)).toThrow(
    '--endpoint-url: expected an address that begins with http:// or https://, got ',
  );
});

test.each(['UTC', 'Europe/Berlin', '+02:00', '-09:30'])('%s is a time zone', (text) => {
  expect(parseTimeZone(text, '--time-zone', undefined)).toBe(text);
});

test.each(['', 'Berlin', '+2', 'CEST+1'])('"%s" is no time zone', (text) => {
  expect(() => parseTimeZone(text, '--time-zone', undefined)).toThrow(
    '--time-zone: expected a time zone such as UTC, Europe/Berlin or +02:00, got ',
  );
});
