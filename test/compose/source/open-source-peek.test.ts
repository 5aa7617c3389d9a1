import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFileSource } from '../../../src/adapters/file/source/file-source.ts';
import { peekFile } from '../../../src/compose/source/open-source.ts';

/** A file that was looked at, and its path. */
async function peeked(content: string, ...longLook: [{ maxBytes: number; isEnough(bytes: Buffer): boolean }?]) {
  const folder = mkdtempSync(join(tmpdir(), 'import-tokens-peek-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'tokens.csv');
  writeFileSync(path, content);
  const source = await openFileSource([path], async function* () {});
  return { path, ...(await peekFile(source.files[0]!, 8, ...longLook)) };
}

async function readAll(file: { read(): AsyncIterable<Uint8Array> }): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a file that was looked at reads as if it had not been', async () => {
  const { sample, file } = await peeked('token\na\nb\n');
  expect(sample.bytes.toString()).toBe('token\na\nb\n');
  expect(await readAll(file)).toBe('token\na\nb\n');
});

test('a file is looked at further where what was seen is not enough, up to a limit', async () => {
  const content = 'x\n'.repeat(2 ** 19);
  const seen = async (bytes: number, maxBytes: number) => {
    const { sample, file } = await peeked(content, { maxBytes, isEnough: ({ length }) => length >= bytes });
    expect(await readAll(file)).toBe(content);
    return sample.bytes.length;
  };
  const [least, more, most] = [await seen(0, 2 ** 20), await seen(2 ** 19, 2 ** 20), await seen(2 ** 20, 2 ** 19)];
  expect(least).toBeLessThan(more);
  expect(more).toBeLessThan(2 ** 20);
  expect(most).toBeLessThan(2 ** 20);
});

test('what was seen is asked about again only once another line has ended', async () => {
  const lengths: number[] = [];
  const isEnough = ({ length }: Buffer) => lengths.push(length) < 0;
  const { sample } = await peeked(`${'x'.repeat(2 ** 20)}\n`, { maxBytes: 2 ** 21, isEnough });
  expect(sample.isWhole).toBe(true);
  expect(lengths).toEqual([2 ** 20 + 1]);
});

test('a file that grew after it was looked at is refused, also where all of it had been seen', async () => {
  for (const content of ['token\na\n', 'token\na\nb\nc\n']) {
    const { path, file } = await peeked(content);
    appendFileSync(path, 'late\n');
    await expect(readAll(file)).rejects.toMatchObject({ code: 'source-changed' });
  }
});
