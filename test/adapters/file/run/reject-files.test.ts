import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openRejectFiles } from '../../../../src/adapters/file/run/reject-files.ts';
import type { RejectedRow } from '../../../../src/domain/row.ts';
import { workDir } from '../../../support/work-dir.ts';
import { faultOf } from '../../packing/collect.ts';
import { limitedDisk } from '../limited-disk.ts';

function rejected(text: string, ordinal = 0): RejectedRow {
  const bytes = Buffer.from(text);
  return {
    position: { fileIndex: 1, ordinal, line: ordinal + 2, byteOffset: 40, byteLength: bytes.length },
    bytes,
    column: 'quota',
    code: 'not-a-number',
    message: 'is not a number',
  };
}

const header = Buffer.from('token,quota\r\n');

describe('reject files', () => {
  test('are not made where no row is rejected', async () => {
    const { path } = workDir();
    const sink = await openRejectFiles(path, { extension: 'csv', header });
    await sink.append([]);
    expect(await sink.sync()).toEqual({ rowsBytes: 0, reasonsBytes: 0 });
    await sink.close();
    expect(readdirSync(path)).toEqual([]);
  });

  test('hold rows as the dialect writes them, where bytes alone are not enough', async () => {
    const folder = workDir();
    const writeRow = (bytes: Uint8Array) => [
      Buffer.from('INSERT INTO t VALUES '),
      bytes.subarray(0, -1),
      Buffer.from(';\n'),
    ];
    const sink = await openRejectFiles(folder.path, { extension: 'sql', header: Buffer.from('-- rows\n'), writeRow });
    await sink.append([rejected('(1),'), rejected('(2);')]);
    await sink.close();
    expect(folder.read('rejected.sql')).toBe('-- rows\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n');
  });

  test('hold the header, the original rows and a line of reasons each, for the owner only', async () => {
    const folder = workDir();
    const sink = await openRejectFiles(folder.path, { extension: 'csv', header });
    await sink.append([rejected('a,"1,5"\r\n', 3), rejected('b,"x\ny"\r\n', 4)]);
    await sink.append([{ ...rejected('c\n', 9), column: undefined } as never]);
    const lengths = await sink.sync();
    await sink.close();
    expect(folder.read('rejected.csv')).toBe('token,quota\r\na,"1,5"\r\nb,"x\ny"\r\nc\n');
    const reasons = folder.read('rejects.jsonl').trimEnd().split('\n');
    expect(JSON.parse(reasons[0]!)).toEqual({
      line: 5,
      file: 1,
      byteOffset: 40,
      byteLength: 9,
      ordinal: 3,
      column: 'quota',
      code: 'not-a-number',
      message: 'is not a number',
    });
    expect(reasons.map((line) => [JSON.parse(line).ordinal, 'column' in JSON.parse(line)])).toEqual([
      [3, true],
      [4, true],
      [9, false],
    ]);
    for (const [name, byteLength] of [
      ['rejected.csv', lengths.rowsBytes],
      ['rejects.jsonl', lengths.reasonsBytes],
    ] as const) {
      const { mode, size } = statSync(join(folder.path, name));
      expect([mode & 0o777, size]).toEqual([0o600, byteLength]);
    }
  });

  test('end every row, so that none runs into the next', async () => {
    const folder = workDir();
    const sink = await openRejectFiles(folder.path, { extension: 'txt' });
    await sink.append([rejected('last of one file'), rejected('of another\n'), rejected('')]);
    await sink.close();
    expect(folder.read('rejected.txt')).toBe('last of one file\nof another\n\n');
  });

  test('hold thousands of rows in order after one header, or none of the last call on a full disk', async () => {
    const folder = workDir();
    const disk = limitedDisk(Number.POSITIVE_INFINITY);
    const sink = await openRejectFiles(folder.path, { extension: 'csv', header, openFile: disk.openFile });
    const rows = Array.from({ length: 2500 }, (_, i) => rejected(`r${i},x\n`, i));
    await sink.append(rows);
    const whole = `token,quota\r\n${rows.map(({ bytes }) => Buffer.from(bytes).toString()).join('')}`;
    // Enough for the first rows and their reasons, not for all.
    disk.bytesFree = 300_000;
    expect(await faultOf(() => sink.append(rows))).toMatchObject({ code: 'disk-full' });
    await sink.close();
    expect(folder.read('rejected.csv')).toBe(whole);
    const ordinals = folder.read('rejects.jsonl').trimEnd().split('\n');
    expect(ordinals.map((line) => JSON.parse(line).ordinal)).toEqual(rows.map(({ position }) => position.ordinal));
  });

  test('keep bytes that are no text', async () => {
    const folder = workDir();
    const sink = await openRejectFiles(folder.path, { extension: 'csv' });
    await sink.append([{ ...rejected(''), bytes: Buffer.from([0xff, 0, 0xfe, 10]) }]);
    await sink.close();
    expect([...folder.readBytes('rejected.csv')]).toEqual([0xff, 0, 0xfe, 10]);
  });

  test('that lie there already are not overwritten by a new run', async () => {
    const folder = workDir();
    const sink = await openRejectFiles(folder.path, { extension: 'csv' });
    folder.write('rejected.csv', 'of another run\n');
    expect(await faultOf(() => sink.append([rejected('a\n')]))).toMatchObject({
      code: 'run-dir',
      message: expect.stringContaining('a file of that name exists'),
    });
    expect(folder.read('rejected.csv')).toBe('of another run\n');
  });
});

describe('on resume', () => {
  test('a run killed anywhere and resumed at its checkpoints rejects each row exactly once', async () => {
    const steps = fc.array(fc.constantFrom('append', 'checkpoint', 'kill'), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const folder = workDir();
        let stored = { lengths: { rowsBytes: 0, reasonsBytes: 0 }, next: 0 };
        let next = 0;
        const open = () => openRejectFiles(folder.path, { extension: 'csv', header, resumeAt: stored.lengths });
        let sink = await open();
        for (const step of [...plan, 'append']) {
          if (step === 'append')
            await sink.append([rejected(`row ${next}\n`, next), rejected(`row ${++next}\n`, next++)]);
          if (step === 'checkpoint') stored = { lengths: await sink.sync(), next };
          if (step === 'kill') {
            await sink.close();
            sink = await open();
            next = stored.next;
          }
        }
        await sink.close();
        const rows = Array.from({ length: next }, (_, ordinal) => `row ${ordinal}\n`).join('');
        expect(folder.read('rejected.csv')).toBe(`${header}${rows}`);
        const ordinals = folder
          .read('rejects.jsonl')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).ordinal);
        expect(ordinals).toEqual(Array.from({ length: next }, (_, ordinal) => ordinal));
        await folder.remove();
      }),
      { numRuns: 40 },
    );
  });

  test('files that hold only what came after the checkpoint are removed', async () => {
    const folder = workDir();
    folder.write('rejected.csv', 'x\n');
    folder.write('rejects.jsonl', '{}\n');
    await openRejectFiles(folder.path, { extension: 'csv' });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('a file shorter than recorded, or gone, is refused', async () => {
    const folder = workDir();
    const sink = await openRejectFiles(folder.path, { extension: 'csv' });
    await sink.append([rejected('abc\n')]);
    const resumeAt = await sink.sync();
    await sink.close();
    truncateSync(join(folder.path, 'rejected.csv'), 3);
    const shorter = await faultOf(() => openRejectFiles(folder.path, { extension: 'csv', resumeAt }));
    expect(shorter).toMatchObject({
      code: 'run-dir',
      message: `${folder.path}/rejected.csv holds 3 bytes, but the checkpoint counts 4`,
    });
    const gone = await faultOf(() => openRejectFiles(folder.path, { extension: 'txt', resumeAt }));
    expect(gone.message).toBe(`${folder.path}/rejected.txt holds 0 bytes, but the checkpoint counts 4`);
  });
});

describe('a full disk', () => {
  test('is a fault of its own, after which the files hold whole rows, and go on when there is room', async () => {
    for (let bytes = 0; bytes < 330; bytes++) {
      const folder = workDir();
      const disk = limitedDisk(bytes);
      const sink = await openRejectFiles(folder.path, { extension: 'csv', header, openFile: disk.openFile });
      const rows = [0, 1].map((ordinal) => rejected(`row ${ordinal}\n`, ordinal));
      let taken = 0;
      const fault = await faultOf(async () => {
        for (const row of [...rows, rejected('too much\n')]) {
          await sink.append([row]);
          taken++;
        }
        throw Object.assign(new Error(), { code: 'disk-full', hint: 'resume' });
      });
      expect(fault).toMatchObject({ code: 'disk-full', hint: expect.stringContaining('resume') });
      const linesOf = (name: string) =>
        readdirSync(folder.path).includes(name) ? folder.read(name).split('\n').length - 1 : 0;
      expect(linesOf('rejects.jsonl')).toBe(taken);
      expect(linesOf('rejected.csv')).toBe(taken === 0 ? 0 : taken + 1);
      disk.bytesFree = 10_000;
      await sink.append([rejected('later\n')]);
      expect(statSync(join(folder.path, 'rejected.csv')).size).toBe((await sink.sync()).rowsBytes);
      expect(folder.read('rejected.csv').endsWith('later\n')).toBe(true);
      await sink.close();
      await folder.remove();
    }
  });
});

test('a folder that has gone is a fault of the run directory', async () => {
  const folder = workDir();
  const sink = await openRejectFiles(join(folder.path, 'gone'), { extension: 'csv' });
  expect((await faultOf(() => sink.append([rejected('a\n')]))).code).toBe('run-dir');
});
