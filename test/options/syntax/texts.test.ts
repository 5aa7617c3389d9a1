import { expect, test } from 'vitest';
import { choice, timeZone, url } from '../../../src/options/syntax/texts.ts';

test('a word that is no choice is refused with those that there are', () => {
  const { parse } = choice('<name>', 'csv', 'mysql', 'mysql-batch');
  expect(parse('csv', '--format')).toBe('csv');
  expect(() => parse('tsv', '--format')).toThrow('--format: expected csv, mysql or mysql-batch, got "tsv"');
});

test.each(['http://127.0.0.1:8000', 'https://dynamodb.eu-west-1.amazonaws.com'])('%s is an address', (text) => {
  expect(url.parse(text, '--endpoint-url')).toBe(text);
});

test.each(['', 'localhost:8000', 'ftp://host', 'https://', 'http://a b'])('"%s" is no address', (text) => {
  expect(() => url.parse(text, '--endpoint-url')).toThrow(
    '--endpoint-url: expected an address that begins with http:// or https://, got ',
  );
});

test.each(['UTC', 'Europe/Berlin', '+02:00', '-09:30'])('%s is a time zone', (text) => {
  expect(timeZone.parse(text, '--time-zone')).toBe(text);
});

test.each(['', 'Berlin', '+2', 'CEST+1'])('"%s" is no time zone', (text) => {
  expect(() => timeZone.parse(text, '--time-zone')).toThrow(
    '--time-zone: expected a time zone such as UTC, Europe/Berlin or +02:00, got ',
  );
});
