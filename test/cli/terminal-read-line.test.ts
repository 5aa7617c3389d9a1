import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { readLine } from '../../src/cli/terminal.ts';

const never = new AbortController().signal;

test('a line is read without its end', async () => {
  const input = new PassThrough();
  input.write('ye');
  const line = readLine(input, never);
  input.write('s\r\nno\n');
  expect(await line).toBe('yes');
});

test('an input that ends gives its last line, then none', async () => {
  const input = new PassThrough();
  input.end('y');
  expect(await readLine(input, never)).toBe('y');
  expect(await readLine(new PassThrough().end(), never)).toBeUndefined();
});

test('an abort gives none, and leaves no listener behind', async () => {
  const input = new PassThrough();
  const stop = new AbortController();
  const line = readLine(input, stop.signal);
  stop.abort('SIGINT');
  expect(await line).toBeUndefined();
  expect(await readLine(input, stop.signal)).toBeUndefined();
  expect(input.listenerCount('data')).toBe(0);
});
