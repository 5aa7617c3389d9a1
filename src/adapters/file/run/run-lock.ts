import { createHash } from 'node:crypto';
import { link, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../../../domain/format.ts';
import { ImportError } from '../../../domain/import-error.ts';
import type { IdentifyProcess, ProcessIdentity } from '../../../ports/run-stores.ts';
import { diskFault, isObject, writeThrough } from '../durable-file.ts';
import { askLivenessSocket, type IsOnLocalDisk, isOnLocalDisk, openLivenessSocket } from './liveness.ts';

export type RunLock = { release(): Promise<void> };

/** `gone`: a process that ended without releasing the folder. */
type HolderState = 'alive' | 'gone' | 'unknown';

/** What a lock file holds: the process that claims the folder, and the name of its socket there if it has one. */
type LockClaim = ProcessIdentity & { readonly socket?: string };

type FoundClaim = { readonly name: string; readonly state: HolderState; readonly claim?: LockClaim };

/** Two processes that block each other withdraw and try again, which one of them wins. */
const maxRounds = 100;

/**
 * Takes the folder for this process until it releases it or dies. Throws ImportError `run-locked`, which names process
 * and host, if another process holds the folder or may hold it.
 *
 * Claims are files `lock.1`, `lock.2`, …, each created complete and atomically by a hard link. A process that finds only
 * claims of dead processes links the next number; of two at the same moment, one gets it. It holds the folder once it
 * has looked again *after* that and found no other claim of a living process: of any two, the later sees the earlier.
 * So claims of the dead need not be removed first, which is where takeovers race.
 * @param abandoned a claim from `claimOfUnknown` whose process is known to have ended
 */
export async function takeRunLock(
  folder: string,
  pid: number,
  identify: IdentifyProcess,
  isLocal: IsOnLocalDisk = isOnLocalDisk,
  abandoned?: string,
): Promise<RunLock> {
  const lock = new FolderLock(folder, await selfOf(pid, identify), identify, isLocal, abandoned);
  try {
    await lock.take();
    return lock;
  } catch (error) {
    throw error instanceof ImportError ? error : diskFault(folder, error);
  }
}

/** The state of the process that holds the folder, as far as it can be determined from here. Takes nothing. */
export async function holderOf(
  folder: string,
  pid: number,
  identify: IdentifyProcess,
  isLocal: IsOnLocalDisk = isOnLocalDisk,
): Promise<HolderState | 'none'> {
  const lock = new FolderLock(folder, await selfOf(pid, identify), identify, isLocal);
  const { holder, dead } = await lock.look();
  return holder?.state ?? (dead.length > 0 ? 'gone' : 'none');
}

/** The claim of a process that cannot be checked from here; undefined if there is none, or if it cannot be read. */
export async function claimOfUnknown(
  folder: string,
  pid: number,
  identify: IdentifyProcess,
  isLocal: IsOnLocalDisk = isOnLocalDisk,
): Promise<string | undefined> {
  const lock = new FolderLock(folder, await selfOf(pid, identify), identify, isLocal);
  const { holder } = await lock.look();
  return holder?.state === 'unknown' && holder.claim !== undefined ? JSON.stringify(holder.claim) : undefined;
}

async function selfOf(pid: number, identify: IdentifyProcess): Promise<ProcessIdentity> {
  const self = await identify(pid);
  if (self === undefined) throw new Error(`Expected process ${pid} to be alive`);
  return self;
}

/** The lock of a folder, seen by the process `self`. */
class FolderLock implements RunLock {
  readonly #folder: string;
  readonly #self: ProcessIdentity;
  readonly #identify: IdentifyProcess;
  readonly #isLocal: IsOnLocalDisk;
  readonly #abandoned: string | undefined;
  #ours: string | undefined;
  #closeSocket: (() => Promise<void>) | undefined;

  constructor(
    folder: string,
    self: ProcessIdentity,
    identify: IdentifyProcess,
    isLocal: IsOnLocalDisk,
    abandoned?: string,
  ) {
    this.#folder = folder;
    this.#self = self;
    this.#identify = identify;
    this.#isLocal = isLocal;
    this.#abandoned = abandoned;
  }

  async take(): Promise<void> {
    const draft = `lock-${createHash('sha256').update(JSON.stringify(this.#self)).digest('hex').slice(0, 12)}`;
    const socket = `${draft}.sock`;
    try {
      // Outside containers a process is identified by its pid.
      if (this.#self.pidNamespace !== '') this.#closeSocket = await openLivenessSocket(this.#folder, socket);
      const claim: LockClaim = { ...this.#self, ...(this.#closeSocket !== undefined && { socket }) };
      await writeThrough(join(this.#folder, draft), `${JSON.stringify(claim)}\n`);
      await this.#claim(draft);
    } catch (error) {
      await this.#closeSocket?.();
      throw error;
    } finally {
      await this.#remove(draft);
    }
  }

  async release(): Promise<void> {
    if (this.#ours !== undefined) await this.#remove(this.#ours);
    await this.#closeSocket?.();
  }

  /** Looks at all claims but our own. `holder`: one whose process is alive or may be. */
  async look(): Promise<{ highest: number; dead: readonly FoundClaim[]; holder?: FoundClaim }> {
    let highest = 0;
    const dead: FoundClaim[] = [];
    for (const name of await readdir(this.#folder)) {
      const number = /^lock\.(\d+)$/.exec(name)?.[1];
      if (number === undefined || name === this.#ours) continue;
      highest = Math.max(highest, Number(number));
      const claim = await this.#read(name);
      if (claim === undefined) continue;
      if (claim === 'damaged') return { highest, dead, holder: { name, state: 'unknown' } };
      const found = { name, claim, state: await this.#stateOf(claim) };
      if (found.state !== 'gone') return { highest, dead, holder: found };
      dead.push(found);
    }
    return { highest, dead };
  }

  async #claim(draft: string): Promise<void> {
    for (let round = 0; round < maxRounds; round++) {
      const before = await this.look();
      if (before.holder) throw locked(this.#folder, before.holder);
      const ours = `lock.${before.highest + 1}`;
      try {
        await link(join(this.#folder, draft), join(this.#folder, ours));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      this.#ours = ours;
      const after = await this.look();
      if (after.holder === undefined) return this.#sweep(after.dead);
      this.#ours = undefined;
      await this.#remove(ours);
    }
    throw new ImportError('run-locked', `${this.#folder} is wanted by several processes at once`, {
      hint: 'Start only one of them.',
    });
  }

  /** Removes claims of dead processes. Only the holder does, so a claim that is still there is not replaced meanwhile. */
  async #sweep(dead: readonly FoundClaim[]): Promise<void> {
    for (const { name, claim } of dead) {
      // Another process may have swept it and died, and a third taken its number.
      if (JSON.stringify(await this.#read(name)) !== JSON.stringify(claim)) continue;
      await this.#remove(name);
      if (claim?.socket !== undefined) await this.#remove(claim.socket);
    }
  }

  /** Undefined if the file is gone, `damaged` if it cannot be parsed. */
  async #read(name: string): Promise<LockClaim | 'damaged' | undefined> {
    const text = await readFile(join(this.#folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    try {
      const claim: unknown = text === undefined ? undefined : JSON.parse(text);
      return claim === undefined || isClaim(claim) ? claim : 'damaged';
    } catch {
      return 'damaged';
    }
  }

  async #stateOf(claim: LockClaim): Promise<HolderState> {
    if (JSON.stringify(claim) === this.#abandoned) return 'gone';
    const { bootId, pidNamespace, host } = this.#self;
    // Host names prove nothing: containers, and pods that move, have the same one on several machines.
    if (claim.bootId !== bootId) return (await this.#isLocal(this.#folder)) ? 'gone' : 'unknown';
    if (claim.bootId === '' && claim.host !== host) return 'unknown';
    if (claim.pidNamespace !== pidNamespace) return this.#stateBySocket(claim.socket);
    const now = await this.#identify(claim.pid);
    return now?.startTime === claim.startTime ? 'alive' : 'gone';
  }

  /** A network share that is mounted twice shows two sockets, and only one of them has the listener. */
  async #stateBySocket(socket: string | undefined): Promise<HolderState> {
    const state = socket === undefined ? 'unknown' : await askLivenessSocket(this.#folder, socket);
    return state === 'gone' && !(await this.#isLocal(this.#folder)) ? 'unknown' : state;
  }

  async #remove(name: string): Promise<void> {
    await rm(join(this.#folder, name), { force: true });
  }
}

function isClaim(value: unknown): value is LockClaim {
  if (!isObject(value)) return false;
  const { pid, startTime, bootId, pidNamespace, host, socket = '' } = value;
  const texts = [startTime, bootId, pidNamespace, host, socket];
  return Number.isSafeInteger(pid) && texts.every((text) => typeof text === 'string');
}

function locked(folder: string, { name, state, claim }: FoundClaim): ImportError {
  const holder = claim === undefined ? 'a process' : `process ${claim.pid} on host ${claim.host}`;
  if (state === 'alive') {
    return new ImportError('run-locked', `${folder} is in use by ${holder}`, {
      hint: 'Wait until it ends, or stop it with SIGTERM.',
    });
  }
  return new ImportError('run-locked', `${folder} is locked by ${holder}, whose state cannot be checked from here`, {
    hint: `Make sure that it has ended, then remove the lock: rm ${shellWord(join(folder, name))}`,
  });
}
