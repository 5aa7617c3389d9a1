import { chmod, open, statfs } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/** A socket in a folder that answers as long as its process lives, and that processes in other containers can ask. */
type LivenessSocket = { close(): Promise<void> };

/**
 * Shows a sign of life under this name. Undefined where the file system takes no sockets.
 *
 * A pid says nothing outside its container; whether a socket has a listener the kernel tells to all who reach the folder.
 */
export async function openLivenessSocket(folder: string, name: string): Promise<LivenessSocket | undefined> {
  const handle = await open(folder, 'r');
  const path = pathThrough(handle.fd, name);
  const server = createServer((connection) => connection.destroy());
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(path, () => resolve(true));
  });
  if (!listens) {
    await handle.close();
    return undefined;
  }
  await chmod(join(folder, name), 0o600).catch(() => undefined);
  server.unref();
  return {
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await handle.close();
    },
  };
}

/** Whether the process that showed this sign lives. */
export async function askLivenessSocket(folder: string, name: string): Promise<'alive' | 'gone' | 'unknown'> {
  const handle = await open(folder, 'r');
  try {
    return await new Promise((resolve) => {
      const socket = connect(pathThrough(handle.fd, name));
      socket.once('connect', () => {
        socket.destroy();
        resolve('alive');
      });
      socket.once('error', ({ code }: NodeJS.ErrnoException) => {
        if (code === 'ECONNREFUSED') resolve('gone');
        // A process that stands still accepts no one, and its queue fills up.
        else resolve(code === 'EAGAIN' ? 'alive' : 'unknown');
      });
    });
  } finally {
    await handle.close();
  }
}

/** The path of a socket may take 107 bytes only; this one is always short. */
function pathThrough(folderFd: number, name: string): string {
  return `/proc/self/fd/${folderFd}/${name}`;
}

/** Whether no other machine can write to a folder; throws where the folder can't be read. */
export type IsOnLocalDisk = (folder: string) => Promise<boolean>;

/** The magic numbers by which Linux tells file systems that one machine mounts at a time (statfs(2)). */
const localKinds: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
  0xf2f52010, // F2FS
  0x3153464a, // JFS
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs, the root of a container
  0x4d44, // FAT
  0x2011bab0, // exFAT
  0x7366746e, // NTFS
]);

/** False also for what is not known, such as NFS, SMB, 9p and all that FUSE brings. */
export const isOnLocalDisk: IsOnLocalDisk = async (folder) => {
  const { type } = await statfs(folder);
  return localKinds.has(type >>> 0);
};
