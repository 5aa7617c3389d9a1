import { statSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLogFile } from '../../../src/adapters/file/append-file.ts';
import { workDir } from '../../support/work-dir.ts';
import { faultOf } from '../packing/collect.ts';

const noLoss = (message: string) => {
  throw new Error(message);
};

test('lines are in the file at once, behind those of the run before, for its owner only', () => {
  const folder = workDir();
  for (const line of ['first\n', 'second\n']) {
    const log = openLogFile(folder.path, noLoss);
    log.write(line);
    expect(folder.read('run.log').endsWith(line)).toBe(true);
    log.close();
  }
  expect(folder.read('run.log')).toBe('first\nsecond\n');
  expect(statSync(join(folder.path, 'run.log')).mode & 0o777).toBe(0o600);
});

test('a full disk loses lines, counts them, and is told once', () => {
  const { path } = workDir();
  symlinkSync('/dev/full', join(path, 'run.log'));
  const told: string[] = [];
  const log = openLogFile(path, (message) => told.push(message));
  for (let line = 0; line < 3; line++) log.write('line\n');
  expect(log.linesLost).toBe(3);
  expect(told).toEqual([
    `Log lines are being lost, but the import continues: ${path}/run.log cannot be written: the disk is full`,
  ]);
});

test('a line torn by a full disk does not run into the next when there is room again', () => {
  const folder = workDir();
  let bytesFree = 8;
  const log = openLogFile(
    folder.path,
    () => undefined,
    (fd, bytes) => {
      if (bytesFree === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      const fits = Math.min(bytes.length, bytesFree);
      bytesFree -= fits;
      return writeSync(fd, bytes, 0, fits);
    },
  );
  for (const line of ['whole\n', 'torn\n', 'lost\n']) log.write(line);
  bytesFree = 100;
  for (const line of ['next\n', 'last\n']) log.write(line);
  expect(folder.read('run.log')).toBe('whole\nto\nnext\nlast\n');
  expect(log.linesLost).toBe(2);
});

test('a line after the end is let go', () => {
  const log = openLogFile(workDir().path, noLoss);
  log.close();
  log.close();
  log.write('late\n');
  expect(log.linesLost).toBe(0);
});

test('a log that cannot be opened is a fault of the run directory', async () => {
  const fault = await faultOf(async () => openLogFile(join(workDir().path, 'gone'), noLoss));
  expect(fault).toMatchObject({ code: 'run-dir', message: expect.stringContaining('run.log') });
});
