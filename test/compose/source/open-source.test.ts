import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { withSource } from '../../../src/compose/source/open-source.ts';
import { defaults } from '../../../src/options/import-options.ts';

/** What is warned of while a source of these bytes is read; undefined for nothing. */
async function warningOf(content: string | Uint8Array, isPiped = false): Promise<string | undefined> {
  const cwd = mkdtempSync(join(tmpdir(), 'import-tokens-source-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'tokens.csv'), content);
  const warnings: string[] = [];
  const stdin = async function* () {
    yield Buffer.from(content as Uint8Array);
  };
  const { signal } = new AbortController();
  const warn = (message: string) => warnings.push(message);
  const surroundings = { ...{ cwd, stdin, warn, signal }, env: {}, random: () => 0.5 };
  const options = { ...defaults, sources: [isPiped ? '-' : 'tokens.csv'] };
  await withSource(options, surroundings, undefined, async ({ files }) => {
    for await (const _chunk of files[0]!.read()) expect(warnings).toEqual([]);
  });
  expect(warnings.length).toBeLessThan(2);
  return warnings[0];
}

describe('a last row without a newline', () => {
  const said = /: its last row does not end with a newline, so it may be truncated .* pass --expect-rows/;

  test('is warned of where other rows have one, packed or not', async () => {
    expect(await warningOf('id,name\n1,a\n2,Bob Smi')).toMatch(said);
    expect(await warningOf(gzipSync('id,name\n1,a\n2,Bob Smi'))).toMatch(said);
  });

  test('is warned of on a pipe, whatever the other rows have', async () => {
    expect(await warningOf('id,name\n2,Bob Smi', true)).toMatch(said);
    expect(await warningOf('2,Bob Smi', true)).toMatch(said);
  });

  test('is nothing to warn of in a file of one row, and neither is a whole file', async () => {
    expect(await warningOf('2,Bob Smi')).toBeUndefined();
    expect(await warningOf('id,name\n1,a\n')).toBeUndefined();
    expect(await warningOf('id,name\n1,a\n', true)).toBeUndefined();
  });
});

const descriptors = '/proc/self/fd';

test.runIf(existsSync(descriptors))('a file that is left before its end is closed', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'import-tokens-source-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const path = join(cwd, 'tokens.csv');
  writeFileSync(path, 'id,name\n'.repeat(100_000));
  const isOpen = () => readdirSync(descriptors).some((each) => targetOf(join(descriptors, each)) === path);
  const surroundings = { cwd, stdin: async function* () {}, warn: () => {}, env: {}, random: () => 0.5 };
  const { signal } = new AbortController();
  const options = { ...defaults, sources: ['tokens.csv'] };
  await withSource(options, { ...surroundings, signal }, undefined, async ({ files }) => {
    await files[0]!.read()[Symbol.asyncIterator]().next();
    expect(isOpen()).toBe(true);
  });
  await expect.poll(isOpen).toBe(false);
});

/** Undefined for a descriptor that has been closed meanwhile. */
function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
