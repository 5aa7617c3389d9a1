import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listenOnLoopback } from '../support/loopback.ts';
import { tableMissing } from '../support/plain-table/answers.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type RunOptions, type WorkDir, workDir } from '../support/work-dir.ts';
import {
  expectBalance,
  type FaultyTable,
  heldRows,
  importArgs,
  readSummary,
  resumeArgs,
  startFaultyTable,
  thorough,
} from './faulty-table.ts';
import { csvOf, lastRows, lineOf, makeRows, type SourceRow } from './source-rows.ts';

const rowCount = 2_000;

type Underway = {
  readonly dir: WorkDir;
  readonly faulty: FaultyTable;
  readonly rows: SourceRow[];
  readonly running: ReturnType<WorkDir['spawn']>;
};

/** An import that has written its first rows and is slow enough to be disturbed. */
async function underway(seed: number, prepare: (dir: WorkDir) => RunOptions = () => ({}), ...flags: string[]) {
  const dir = workDir();
  const rows = makeRows(seededRandom(seed), rowCount);
  dir.write('tokens.csv', csvOf(rows.map(lineOf)));
  const faulty = await startFaultyTable(seed);
  const running = dir.spawn(importArgs(faulty, '--wps', '1500', ...flags), { stdin: '', ...prepare(dir) });
  await Promise.race([faulty.proxy.until(({ written }) => written.items >= 300), running.ended]);
  return { dir, faulty, rows, running } satisfies Underway;
}

/** Expects that the run says why it ended and what is left, and that a resume completes the table. */
async function expectResumable({ dir, faulty, rows, running }: Underway, says: string, env?: RunOptions['env']) {
  const ended = await running.ended;
  expect(ended).toMatchObject({ status: 4, stderr: expect.stringContaining(says) });
  const { read, pending, ...fates } = readSummary(dir).rows;
  expect(pending).toBeGreaterThan(0);
  expect(Object.values(fates).reduce((sum, count) => sum + count, pending)).toBe(read);
  expect(ended.stdout).toContain('import-tokens --resume run');
  const resumed = await dir.run([...resumeArgs, '--wps', '100000'], env === undefined ? {} : { env });
  expect(resumed).toMatchObject({ status: 0 });
  expectBalance(readSummary(dir), rowCount);
  expect(heldRows(faulty)).toEqual(lastRows(rows));
}

test('a table that takes nothing for --stall-timeout ends the run, which can be resumed', async () => {
  const run = await underway(51, undefined, '--stall-timeout', '500ms');
  run.faulty.proxy.setFaults({ throttle: 1 });
  await run.running.ended;
  run.faulty.proxy.setFaults({});
  await expectResumable(run, 'nothing was written for 1 s: the table throttles every request');
});

test('a table that is deleted during the import ends the run, which can be resumed later', async () => {
  const run = await underway(52);
  run.faulty.proxy.setOwnAnswer(() => tableMissing());
  await run.running.ended;
  run.faulty.proxy.setOwnAnswer(undefined);
  await expectResumable(run, 'table "tokens" is not in region us-east-1');
});

test('expired credentials of the environment end the run, and a resume continues with new ones', async () => {
  const run = await underway(53);
  run.faulty.proxy.expireAccessKey('AKIDEXAMPLE');
  await expectResumable(run, 'hint: Set new credentials, then resume', { AWS_ACCESS_KEY_ID: 'AKIDRENEWED' });
});

const withoutKeys = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

function writeKeys(dir: WorkDir, accessKeyId: string): void {
  dir.write('.aws/credentials', `[default]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=secret\n`);
}

test.each([
  { when: 'were replaced before anyone noticed', isLate: false },
  ...(thorough ? [{ when: 'are replaced while the run pauses', isLate: true }] : []),
])('credentials of a file that expire and $when let the run go on', { timeout: 60_000 }, async ({ isLate }) => {
  const { dir, faulty, rows, running } = await underway(54, (folder) => {
    writeKeys(folder, 'AKIDOLD');
    return { env: withoutKeys };
  });
  if (!isLate) writeKeys(dir, 'AKIDNEW');
  faulty.proxy.expireAccessKey('AKIDOLD');
  if (isLate) {
    await running.until('paused');
    writeKeys(dir, 'AKIDNEW');
  }
  expect(await running.ended).toMatchObject({ status: 0 });
  expectBalance(readSummary(dir), rowCount);
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('expired credentials of a role are fetched again from their source', async () => {
  let accessKeyId = 'AKIDOLD';
  const role = createServer((_request, response) => {
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    response.end(
      JSON.stringify({ AccessKeyId: accessKeyId, SecretAccessKey: 'secret', Token: 'sessionToken', Expiration }),
    );
  });
  const { port, close } = await listenOnLoopback(role);
  const env = { ...withoutKeys, AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/role` };
  const { dir, faulty, rows, running } = await underway(55, () => ({ env }));
  accessKeyId = 'AKIDNEW';
  faulty.proxy.expireAccessKey('AKIDOLD');
  expect(await running.ended).toMatchObject({ status: 0 });
  await close();
  expectBalance(readSummary(dir), rowCount);
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('a run that pauses for credentials can be stopped, and resumed when they are there', async () => {
  const { dir, faulty, rows, running } = await underway(56, (folder) => {
    writeKeys(folder, 'AKIDOLD');
    return { env: withoutKeys };
  });
  faulty.proxy.expireAccessKey('AKIDOLD');
  await running.until('paused');
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ status: 130 });
  writeKeys(dir, 'AKIDNEW');
  expect(await dir.run([...resumeArgs, '--wps', '100000'], { env: withoutKeys })).toMatchObject({ status: 0 });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('a run that pauses for a program that gives no credentials can be stopped', async () => {
  const { dir, faulty, rows, running } = await underway(58, (folder) => {
    const given = JSON.stringify({ Version: 1, AccessKeyId: 'AKIDOLD', SecretAccessKey: 'secret' });
    // The second time it waits, as for a typed code, until the importer ends.
    const script = `if [ -e asked ]; then /bin/cat > waiting; exit 1; fi; : > asked; echo '${given}'`;
    folder.write('keys.sh', script);
    folder.write('.aws/config', '[default]\ncredential_process = /bin/sh keys.sh\n');
    return { env: withoutKeys };
  });
  faulty.proxy.expireAccessKey('AKIDOLD');
  await running.until('paused');
  await expect.poll(() => existsSync(join(dir.path, 'waiting')), { timeout: 10_000 }).toBe(true);
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ status: 143 });
  writeKeys(dir, 'AKIDNEW');
  expect(await dir.run([...resumeArgs, '--wps', '100000'], { env: withoutKeys })).toMatchObject({ status: 0 });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('closed pipes on standard output and error do not stop an import', async () => {
  const { dir, faulty, rows, running } = await underway(57);
  running.child.stdout.destroy();
  running.child.stderr.destroy();
  expect(await running.ended).toMatchObject({ status: 0 });
  expectBalance(readSummary(dir), rowCount);
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});
