import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  createSpoolRepository,
  openSpool,
  removeSpool,
  SpoolWriter,
} from '../../../../src/adapters/file/convert/spool.ts';
import { Row } from '../../../../src/domain/row.ts';
import { hashOfText, type Token } from '../../../../src/domain/token.ts';
import { randomBelow, seededRandom } from '../../../support/seeded-random.ts';
import { workDir } from '../../../support/work-dir.ts';

/** Its row and payload are not looked at. */
function tokenOf(key: string): Token {
  return { key, writeUnits: 1, bodyBytes: 1, row: new Row(new Uint8Array(), 0, 0, 0, 0, 1, 1, 0), payload: undefined };
}

const longest = 3 * 1024 * 1024;

test.each([71, 72])('rows come back from their partition in their order (seed %i)', async (seed) => {
  const random = seededRandom(seed);
  const folder = join(workDir().path, 'spool');
  const spool = await SpoolWriter.create(folder, 4);
  const added: [string, string][][] = [[], [], [], []];
  for (let i = 0; i < 3000; i++) {
    const [partition, key] = [randomBelow(random, 3), `ké${randomBelow(random, 100)}`];
    const line = i % 1000 === 999 ? 'x'.repeat(longest) : `line ${i} ${'y'.repeat(randomBelow(random, 300))}`;
    added[partition]!.push([key, line]);
    spool.add(partition, hashOfText(key), key, line.length, (to, at) => to.write(line, at));
    if (i % 50 === 0) await spool.written();
  }
  await spool.finish();
  const opened = openSpool(folder, spool.lineBytes);
  for (const [partition, rows] of added.entries()) {
    const read: [string, string][] = [];
    await opened.read(partition, (bytes, hash, keyStart, lineStart, end) => {
      const key = bytes.toString('utf8', keyStart, lineStart);
      expect(hash).toBe(hashOfText(key));
      read.push([key, bytes.toString('utf8', lineStart, end)]);
    });
    expect(read).toEqual(rows);
    expect(opened.lineBytes[partition]).toBe(rows.reduce((sum, [, line]) => sum + line.length + 1, 0));
  }
  await opened.remove(0);
  await expect(opened.read(0, () => {})).rejects.toMatchObject({ code: 'run-dir' });
  await removeSpool(folder);
});

test('a full disk stops the run with what to do, and nothing is appended after it', async () => {
  const folder = join(workDir().path, 'spool');
  let appended = 0;
  const spool = await SpoolWriter.create(folder, 2, async (...args) => {
    if (++appended > 2) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    await appendFile(...args);
  });
  const line = Buffer.alloc(60_000, 'z');
  const repository = createSpoolRepository(spool, () => 1, {
    encoder: () => ({ encode: () => line, bodyBytes: () => line.length }),
    lineBytes: () => line.length,
    writeLine: (_payload, to, at) => line.copy(to, at),
  });
  const results: string[] = [];
  for (let i = 0; i < 8; i++) {
    const result = await repository.write({ tokens: [tokenOf(`k${i}`)], writeUnits: 1 });
    results.push(result.kind);
    if (result.kind !== 'fatal') continue;
    expect(result.error).toMatchObject({
      code: 'disk-full',
      message: `${folder}/1 cannot be written: the disk is full`,
      hint: 'Free some space there, and resume.',
    });
  }
  expect(results.slice(0, 2)).toEqual(['accepted', 'accepted']);
  expect(results.at(-1)).toBe('fatal');
  expect(appended).toBe(3);
  await expect(spool.finish()).rejects.toMatchObject({ code: 'disk-full' });
});
