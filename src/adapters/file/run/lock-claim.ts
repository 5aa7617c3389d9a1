import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IdentifyProcess, ProcessIdentity } from '../../../ports/process-identity.ts';
import { isObject } from '../stored-json.ts';
import type { IsOnLocalDisk } from './file-system-kind.ts';
import { askLifeSign } from './life-sign.ts';

/** What a lock file holds: the process that claims the folder. */
export type LockClaim = ProcessIdentity & {
  /** Name of its socket in the folder; empty where it has none. */
  readonly lifeSign: string;
};

export type HolderState = 'alive' | 'gone' | 'unknown';

/** The claim in a lock file: undefined where the file is gone, `damaged` where it cannot be understood. */
export async function readClaim(folder: string, name: string): Promise<LockClaim | 'damaged' | undefined> {
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
export type Outlook = { readonly identify: IdentifyProcess; readonly isLocal: IsOnLocalDisk };

/** Whether the process of a claim still runs, as far as `self` can tell. */
export async function holderState(
  folder: string,
  claim: LockClaim,
  self: ProcessIdentity,
  { identify, isLocal }: Outlook,
): Promise<HolderState> {
  // Host names tell nothing: containers, and pods that move, have the same one on several machines.
  if (claim.bootId !== self.bootId) return (await isLocal(folder)) ? 'gone' : 'unknown';
  if (claim.bootId === '' && claim.host !== self.host) return 'unknown';
  if (claim.pidNamespace !== self.pidNamespace) {
    return claim.lifeSign === '' ? 'unknown' : await askLifeSign(folder, claim.lifeSign);
  }
  const now = await identify(claim.pid);
  return now?.startTime === claim.startTime ? 'alive' : 'gone';
}

function isClaim(value: unknown): value is LockClaim {
  if (!isObject(value)) return false;
  const { pid, startTime, bootId, pidNamespace, host, lifeSign } = value;
  const texts = [startTime, bootId, pidNamespace, host, lifeSign];
  return Number.isSafeInteger(pid) && texts.every((text) => typeof text === 'string');
}
