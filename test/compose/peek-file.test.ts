import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFileSource } from '../../src/adapters/file/file-source.ts';
import { peekFile } from '../../src/compose/peek-file.ts';

/** A file that was looked at, and its path. */
async function peeked(content: string) {
  const folder = mkdtempSync(join(tmpdir(), 'import-tokens-peek-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'tokens.csv');
  writeFileSync(path, content);
  const source = await openFileSource([path], async function* () {});
  return { path, ...(await peekFile(source.files[0]!, 8)) };
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

test('a file that grew after it was looked at is refused, also where all of it had been seen', async () => {
  for (const content of ['token\na\n', 'token\na\nb\nc\n']) {
    const { path, file } = await peeked(content);
    appendFileSync(path, 'late\n');
    await expect(readAll(file)).rejects.toMatchObject({ code: 'source-changed' });
  }
});
