import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isOnLocalDisk } from '../../../../src/adapters/file/run/liveness.ts';
import { workDir } from '../../../support/work-dir.ts';

/** Kinds by the names of /proc/mounts: those of one machine, and those that others may reach or that hold no files. */
const local = /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|tmpfs|ramfs|overlay|vfat|exfat)$/;
const other = /^(nfs4?|cifs|smb3|9p|virtiofs|ceph|fuse.*|proc|sysfs|cgroup2?|devpts|mqueue)$/;

test('a temporary folder is on a local disk, and a folder that is gone is a fault', async () => {
  const { path } = workDir();
  expect(await isOnLocalDisk(path)).toBe(true);
  await expect(isOnLocalDisk(`${path}/none`)).rejects.toMatchObject({ code: 'ENOENT' });
});

test.runIf(existsSync('/proc/mounts'))('every mount of this machine is told local or not by its kind', async () => {
  const mounts = readFileSync('/proc/mounts', 'utf8').trim().split('\n');
  let seen = 0;
  for (const [, path = '', kind = ''] of mounts.map((line) => line.split(' '))) {
    if (!isReadable(path) || isHidden(path, mounts)) continue;
    if (!local.test(kind) && !other.test(kind)) continue;
    expect({ path, kind, isLocal: await isOnLocalDisk(path) }).toEqual({ path, kind, isLocal: local.test(kind) });
    seen++;
  }
  expect(seen).toBeGreaterThan(1);
});

function isReadable(path: string): boolean {
  try {
    statfsSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Another mount lies over it. */
function isHidden(path: string, mounts: readonly string[]): boolean {
  return mounts.filter((line) => line.split(' ')[1] === path).length > 1;
}
