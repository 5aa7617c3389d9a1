import { createHash } from 'node:crypto';
import { link, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../../../domain/format.ts';
import { ImportError } from '../../../domain/import-error.ts';
import type { IdentifyProcess, ProcessIdentity } from '../../../ports/process-identity.ts';
import { diskFault, writeThrough } from '../durable-file.ts';
import { isObject } from '../stored-json.ts';
import { askLivenessSocket, type IsOnLocalDisk, isOnLocalDisk, openLivenessSocket } from './liveness.ts';

export type RunLock = { release(): Promise<void> };

/** Two processes that stand in each other's way go back and try again, which one of them wins. */
const maxRounds = 100;

/**
 * Takes the folder for this process, which lives while it holds it. Throws ImportError `run-locked` where another holds
 * it, or may: its message names process and host.
 *
 * Claims are files `lock.1`, `lock.2`, …, each made whole and at once by a hard link. A process that finds only claims
 * of dead processes links the next number; of two at the same moment one gets it. It holds the folder when a look round
 * *after* that shows no claim of a living process but its own: of any two, the later must see the earlier. So the claims
 * of the dead need not be removed first, which is where takeovers race.
 */
export async function takeRunLock(
  folder: string,
  pid: number,
  identify: IdentifyProcess,
  isLocal: IsOnLocalDisk = isOnLocalDisk,
): Promise<RunLock> {
  const self = await identify(pid);
  if (self === undefined) throw new Error(`Expected process ${pid} to live`);
  const draft = `lock-${fingerprint(self)}`;
  const sign = `${draft}.sock`;
  try {
    const socket = self.pidNamespace === '' ? undefined : await openLivenessSocket(folder, sign);
    try {
      const ours: LockClaim = { ...self, socket: socket === undefined ? '' : sign };
      await writeThrough(join(folder, draft), `${JSON.stringify(ours)}\n`);
      const name = await claim(folder, draft, self, { identify, isLocal });
      return {
        async release() {
          await rm(join(folder, name), { force: true });
          await socket?.close();
        },
      };
    } catch (error) {
      await socket?.close();
      throw error;
    } finally {
      await rm(join(folder, draft), { force: true });
    }
  } catch (error) {
    throw error instanceof ImportError ? error : diskFault(folder, error);
  }
}

/** What holds the folder, as far as can be told here; it is not taken. `gone`: a process that could not let go of it. */
export async function holderOf(
  folder: string,
  pid: number,
  identify: IdentifyProcess,
  isLocal: IsOnLocalDisk = isOnLocalDisk,
): Promise<HolderState | 'none'> {
  const self = await identify(pid);
  if (self === undefined) throw new Error(`Expected process ${pid} to live`);
  const { holder, dead } = await lookRound(folder, self, { identify, isLocal });
  return holder?.state ?? (dead.length > 0 ? 'gone' : 'none');
}

/** Short text that tells a process from any other. */
function fingerprint({ pid, startTime, bootId, pidNamespace, host }: ProcessIdentity): string {
  const parts = [pid, startTime, bootId, pidNamespace, host];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/** Resolves with the name of the lock file that is now ours. */
async function claim(folder: string, draft: string, self: ProcessIdentity, outlook: Outlook): Promise<string> {
  for (let round = 0; round < maxRounds; round++) {
    const before = await lookRound(folder, self, outlook);
    if (before.holder) throw locked(folder, before.holder);
    const ours = `lock.${before.highest + 1}`;
    if (!(await linked(join(folder, draft), join(folder, ours)))) continue;
    const after = await lookRound(folder, self, outlook, ours);
    if (after.holder === undefined) {
      for (const dead of after.dead) await sweep(folder, dead);
      return ours;
    }
    await rm(join(folder, ours), { force: true });
  }
  throw new ImportError('run-locked', `${folder} is wanted by several processes at once`, { hint: 'Start only one' });
}

/** Looks at all claims but `ours`; `holder` is one that lives or may. */
async function lookRound(
  folder: string,
  self: ProcessIdentity,
  outlook: Outlook,
  ours?: string,
): Promise<{ highest: number; dead: readonly DeadClaim[]; holder?: Holder }> {
  let highest = 0;
  const dead: DeadClaim[] = [];
  for (const name of await readdir(folder)) {
    const number = /^lock\.(\d+)$/.exec(name)?.[1];
    if (number === undefined || name === ours) continue;
    highest = Math.max(highest, Number(number));
    const claim = await readClaim(folder, name);
    if (claim === undefined) continue;
    if (claim === 'damaged') return { highest, dead, holder: { name, state: 'unknown' } };
    const state = await holderState(folder, claim, self, outlook);
    if (state !== 'gone') return { highest, dead, holder: { name, state, claim } };
    dead.push({ name, claim });
  }
  return { highest, dead };
}

type DeadClaim = { readonly name: string; readonly claim: LockClaim };
type Holder = { readonly name: string; readonly state: 'alive' | 'unknown'; readonly claim?: LockClaim };

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the claim of a dead process. Only who holds the folder sweeps, so what is still there stays until removed. */
async function sweep(folder: string, { name, claim }: DeadClaim): Promise<void> {
  const now = await readClaim(folder, name);
  // Another process may have swept it and died, and a third taken its number.
  if (now === undefined || now === 'damaged' || fingerprint(now) !== fingerprint(claim)) return;
  await rm(join(folder, name), { force: true });
  if (claim.socket !== '') await rm(join(folder, claim.socket), { force: true });
}

function locked(folder: string, { name, state, claim }: Holder): ImportError {
  const holder = claim === undefined ? 'a process' : `process ${claim.pid} on host ${claim.host}`;
  if (state === 'alive') {
    return new ImportError('run-locked', `${folder} is in use by ${holder}`, {
      hint: 'Wait until it ends, or stop it (SIGTERM ends it cleanly)',
    });
  }
  const file = shellWord(join(folder, name));
  return new ImportError('run-locked', `${folder} is locked by ${holder}, whose state cannot be checked from here`, {
    hint: `Make sure that it has ended, then remove the lock: rm ${file}`,
  });
}

/** What a lock file holds: the process that claims the folder. */
type LockClaim = ProcessIdentity & {
  /** Name of its socket in the folder; empty where it has none. */
  readonly socket: string;
};

type HolderState = 'alive' | 'gone' | 'unknown';

/** The claim in a lock file: undefined where the file is gone, `damaged` where it cannot be understood. */
async function readClaim(folder: string, name: string): Promise<LockClaim | 'damaged' | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const claim: unknown = JSON.parse(text);
    return isClaim(claim) ? claim : 'damaged';
  } catch {
    return 'damaged';
  }
}

/** How a process looks at others: who has a pid here, and whether others than this machine reach the folder. */
type Outlook = { readonly identify: IdentifyProcess; readonly isLocal: IsOnLocalDisk };

/** Whether the process of a claim still runs, as far as `self` can tell. */
async function holderState(
  folder: string,
  claim: LockClaim,
  self: ProcessIdentity,
  { identify, isLocal }: Outlook,
): Promise<HolderState> {
  // Host names tell nothing: containers, and pods that move, have the same one on several machines.
  if (claim.bootId !== self.bootId) return (await isLocal(folder)) ? 'gone' : 'unknown';
  if (claim.bootId === '' && claim.host !== self.host) return 'unknown';
  if (claim.pidNamespace !== self.pidNamespace) {
    return claim.socket === '' ? 'unknown' : await askLivenessSocket(folder, claim.socket);
  }
  const now = await identify(claim.pid);
  return now?.startTime === claim.startTime ? 'alive' : 'gone';
}

function isClaim(value: unknown): value is LockClaim {
  if (!isObject(value)) return false;
  const { pid, startTime, bootId, pidNamespace, host, socket } = value;
  const texts = [startTime, bootId, pidNamespace, host, socket];
  return Number.isSafeInteger(pid) && texts.every((text) => typeof text === 'string');
}
