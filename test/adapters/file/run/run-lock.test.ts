import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { holderOf, takeRunLock } from '../../../../src/adapters/file/run/run-lock.ts';
import { processIdentity } from '../../../../src/adapters/system/process-identity.ts';
import type { IdentifyProcess, ProcessIdentity } from '../../../../src/ports/run-stores.ts';
import { type WorkDir, workDir } from '../../../support/work-dir.ts';
import { faultOf } from '../../packing/collect.ts';
import { builtScript } from '../built-script.ts';

/** A machine whose processes are numbers; `dead` have gone. */
function machine(about: Partial<ProcessIdentity> = {}, dead: ReadonlySet<number> = new Set()): IdentifyProcess {
  return async (pid) =>
    dead.has(pid)
      ? undefined
      : { pid, startTime: `start-${pid}`, bootId: 'boot-1', pidNamespace: '', host: 'host-1', ...about };
}

function writeClaim(folder: WorkDir, about: object, name = 'lock.1'): void {
  const claim = { pid: 7, startTime: 'start-7', bootId: 'boot-1', pidNamespace: '', host: 'host-1' };
  folder.write(name, JSON.stringify({ ...claim, ...about }));
}

const locksIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.startsWith('lock'))
    .sort();

describe('a folder that is held', () => {
  test('is refused to another process, naming the holder, until it is released without a trace', async () => {
    const { path } = workDir();
    const lock = await takeRunLock(path, 7, machine());
    const fault = await faultOf(() => takeRunLock(path, 8, machine()));
    expect(fault).toMatchObject({ code: 'run-locked', message: `${path} is in use by process 7 on host host-1` });
    await lock.release();
    expect(locksIn(path)).toEqual([]);
    await (await takeRunLock(path, 8, machine())).release();
  });

  test('is refused with how to remove the lock if the holder cannot be checked', async () => {
    const unknown = [{ pidNamespace: 'pid:[2]' }, { pid: 'x' }];
    for (const about of unknown) {
      const folder = workDir();
      writeClaim(folder, about);
      const fault = await faultOf(() => takeRunLock(folder.path, 8, machine()));
      expect(fault).toMatchObject({
        code: 'run-locked',
        message: expect.stringContaining('cannot be checked from here'),
      });
      expect(fault.hint).toContain(`rm ${folder.path}/lock.1`);
    }
  });

  test('is refused on shared storage to another machine, whatever its host name', async () => {
    for (const host of ['host-1', 'host-2']) {
      const folder = workDir();
      writeClaim(folder, { bootId: 'boot-2', host });
      const fault = await faultOf(() => takeRunLock(folder.path, 8, machine(), async () => false));
      expect(fault).toMatchObject({
        ...{ code: 'run-locked', message: expect.stringContaining(`process 7 on host ${host}, whose state`) },
        hint: `Make sure that it has ended, then remove the lock: rm ${folder.path}/lock.1`,
      });
      expect(await holderOf(folder.path, 8, machine(), async () => false)).toBe('unknown');
      expect(locksIn(folder.path)).toEqual(['lock.1']);
    }
  });

  test('is refused to another host where the system has no boot id', async () => {
    const folder = workDir();
    writeClaim(folder, { bootId: '', host: 'host-2' });
    const fault = await faultOf(() => takeRunLock(folder.path, 8, machine({ bootId: '' })));
    expect(fault.message).toContain('cannot be checked from here');
  });

  test('is refused where the lock file holds no sense', async () => {
    const folder = workDir();
    folder.write('lock.3', '{"pid"');
    expect((await faultOf(() => takeRunLock(folder.path, 8, machine()))).hint).toContain('/lock.3');
  });
});

describe('a lock left behind is taken over', () => {
  test.each([
    ['by a process that has gone', {}, machine({}, new Set([7]))],
    ['by a process whose pid another one has now', { startTime: 'start-earlier' }, machine()],
    ['by a process whose pid is now our own, as in a container that was started again', { pid: 8 }, machine()],
    ['before the machine was started again', { bootId: 'boot-0' }, machine()],
    ['before a container was made again, on a local disk', { bootId: 'boot-0', host: 'host-2' }, machine()],
  ])('%s', async (_what, about, identify) => {
    const folder = workDir();
    writeClaim(folder, about);
    const lock = await takeRunLock(folder.path, 8, identify);
    expect(locksIn(folder.path)).toEqual(['lock.2']);
    await lock.release();
    expect(locksIn(folder.path)).toEqual([]);
  });
});

test('of many that find dead locks at the same moment each gets its turn, never two at once', async () => {
  const dead = new Set([101, 102, 103]);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 8 }), fc.nat(3), async (contenders, claims) => {
      const folder = workDir();
      for (let index = 0; index < claims; index++) {
        writeClaim(folder, { pid: 101 + index, startTime: `start-${101 + index}` }, `lock.${index * 2 + 1}`);
      }
      let holders = 0;
      let mostHolders = 0;
      const contend = async (pid: number) => {
        for (;;) {
          const lock = await takeRunLock(folder.path, pid, machine({}, dead)).catch((fault) => {
            expect(fault.code).toBe('run-locked');
          });
          if (!lock) continue;
          mostHolders = Math.max(mostHolders, ++holders);
          await new Promise((resolve) => setImmediate(resolve));
          holders--;
          return await lock.release();
        }
      };
      await Promise.all(Array.from({ length: contenders }, (_, index) => contend(index + 1)));
      expect(mostHolders).toBe(1);
      expect(locksIn(folder.path)).toEqual([]);
      await folder.remove();
    }),
    { numRuns: 20 },
  );
});

/** A promise and what resolves it. */
function resolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A machine on which asking for this pid takes until `goOn`; `asked` resolves when it has been asked for. */
function slowMachine(slowPid: number, dead: ReadonlySet<number>, asksBefore = 0) {
  const asked = resolvers();
  const answer = resolvers();
  let asks = 0;
  const identify: IdentifyProcess = async (pid) => {
    if (pid === slowPid && ++asks > asksBefore) {
      asked.resolve();
      await answer.promise;
    }
    return await machine({}, dead)(pid);
  };
  return { identify, asked: asked.promise, goOn: answer.resolve };
}

test('a process that is slow to see that a lock is dead does not take it from faster ones', async () => {
  const folder = workDir();
  const dead = new Set([101]);
  writeClaim(folder, { pid: 101, startTime: 'start-101' }, 'lock.3');
  const slow = slowMachine(101, dead);
  const late = faultOf(() => takeRunLock(folder.path, 1, slow.identify));
  await slow.asked;
  // Takes over, sweeps and leaves, so that the number the slow one is after is free again.
  await (await takeRunLock(folder.path, 2, machine({}, dead))).release();
  const holder = await takeRunLock(folder.path, 3, machine({}, dead));
  slow.goOn();
  expect((await late).message).toContain('is in use by process 3');
  expect(locksIn(folder.path)).toEqual(['lock.1']);
  await holder.release();
});

test('a claim that took the number of a dead one is not swept in its place', async () => {
  const folder = workDir();
  const dead = new Set([101, 102]);
  writeClaim(folder, { pid: 101, startTime: 'start-101' }, 'lock.1');
  writeClaim(folder, { pid: 102, startTime: 'start-102' }, 'lock.2');
  // Slow in its look after the claim, with the first lock already seen to be dead.
  const slow = slowMachine(102, dead, 1);
  const taking = takeRunLock(folder.path, 1, slow.identify);
  await slow.asked;
  writeClaim(folder, { pid: 9, startTime: 'start-9' }, 'lock.1');
  slow.goOn();
  const lock = await taking;
  expect(locksIn(folder.path)).toEqual(['lock.1', 'lock.3']);
  await lock.release();
});

describe('across real processes', () => {
  let script: string;
  beforeAll(() => {
    const scripts = workDir({ keep: true });
    script = builtScript('hold-lock', scripts.path);
    return () => scripts.remove();
  });

  /** A process that has started and waits for `go`. */
  async function contender(folder: string) {
    const child: ChildProcess = spawn(process.execPath, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    await lines.next();
    return {
      child,
      async go(): Promise<string> {
        child.stdin!.write('go\n');
        return (await lines.next()).value;
      },
      async end(how: 'cleanly' | 'SIGKILL'): Promise<void> {
        const exit = once(child, 'exit');
        if (how === 'cleanly') child.stdin!.end();
        else child.kill(how);
        await exit;
      },
    };
  }

  test('one of five holds the folder; after a kill one of four takes over; no file is left', async () => {
    const { path } = workDir();
    const five = await Promise.all(Array.from({ length: 5 }, () => contender(path)));
    let answers = await Promise.all(five.map((each) => each.go()));
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
    const first = five[answers.indexOf('held')]!;
    for (const answer of answers.filter((each) => each !== 'held')) {
      expect(answer).toMatch(`refused: ${path} is in use by process ${first.child.pid} on host`);
    }
    await first.end('SIGKILL');

    const four = await Promise.all(Array.from({ length: 4 }, () => contender(path)));
    answers = await Promise.all(four.map((each) => each.go()));
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
    await four[answers.indexOf('held')]!.end('cleanly');
    expect(locksIn(path)).toEqual([]);
  });

  test('a holder in another container is asked through its socket, and its death seen', async () => {
    // Deeper than the path of a socket may be long.
    const folder = workDir();
    const path = join(folder.path, 'd'.repeat(120));
    folder.write(`${'d'.repeat(120)}/note`, '');
    const holder = await contender(path);
    expect(await holder.go()).toBe('held');
    const inAnotherContainer: IdentifyProcess = async (pid) => ({
      ...(await processIdentity(pid))!,
      pidNamespace: 'pid:[another]',
    });
    const fault = await faultOf(() => takeRunLock(path, process.pid, inAnotherContainer));
    expect(fault.message).toContain(`is in use by process ${holder.child.pid}`);
    await holder.end('SIGKILL');
    // On a network share, the socket may have a listener through another mount.
    const shared = await faultOf(() => takeRunLock(path, process.pid, inAnotherContainer, async () => false));
    expect(shared.message).toContain('cannot be checked from here');
    const lock = await takeRunLock(path, process.pid, inAnotherContainer);
    await lock.release();
    expect(locksIn(path)).toEqual([]);
  });

  test('a holder that stands still holds on', async () => {
    const { path } = workDir();
    const holder = await contender(path);
    expect(await holder.go()).toBe('held');
    holder.child.kill('SIGSTOP');
    expect((await faultOf(() => takeRunLock(path, process.pid, processIdentity))).code).toBe('run-locked');
    await holder.end('SIGKILL');
  });
});

test('files of the lock are for their owner only', async () => {
  const { path } = workDir();
  const lock = await takeRunLock(path, process.pid, processIdentity);
  for (const name of locksIn(path)) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(join(path, 'lock.1'), 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
});

test('a folder that cannot be written to is refused as such', async () => {
  const file = workDir().write('file', '');
  const fault = await faultOf(() => takeRunLock(file, 7, machine()));
  expect(fault).toMatchObject({ code: 'run-dir', message: expect.stringContaining('not a folder') });
});
