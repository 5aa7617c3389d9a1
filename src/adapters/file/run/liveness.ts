import { chmod, open, statfs } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/**
 * Opens a socket of this name in the folder, which has a listener for as long as this process lives: a pid means nothing
 * outside its container, but the kernel tells everyone who can reach the folder whether a socket has a listener. Returns
 * what closes it, or undefined if the file system has no sockets.
 */
export async function openLivenessSocket(folder: string, name: string): Promise<(() => Promise<void>) | undefined> {
  const handle = await open(folder, 'r');
  const server = createServer((connection) => connection.destroy());
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(shortPath(handle.fd, name), () => resolve(true));
  });
  if (!listens) {
    await handle.close();
    return undefined;
  }
  await chmod(join(folder, name), 0o600).catch(() => undefined);
  server.unref();
  return async () => {
    await new Promise((resolve) => server.close(resolve));
    await handle.close();
  };
}

/** Whether the process that opened this socket lives. */
export async function askLivenessSocket(folder: string, name: string): Promise<'alive' | 'gone' | 'unknown'> {
  const handle = await open(folder, 'r');
  try {
    return await new Promise((resolve) => {
      const socket = connect(shortPath(handle.fd, name));
      socket.once('connect', () => {
        socket.destroy();
        resolve('alive');
      });
      socket.once('error', ({ code }: NodeJS.ErrnoException) => {
        // The queue of a process that is stopped by a signal fills up.
        resolve(code === 'ECONNREFUSED' ? 'gone' : code === 'EAGAIN' ? 'alive' : 'unknown');
      });
    });
  } finally {
    await handle.close();
  }
}

/** The path of a socket has at most 107 bytes. */
function shortPath(folderFd: number, name: string): string {
  return `/proc/self/fd/${folderFd}/${name}`;
}

/** Whether no other machine can write to a folder. Rejects if the folder cannot be read. */
export type IsOnLocalDisk = (folder: string) => Promise<boolean>;

/** Magic numbers (statfs(2)) of file systems that only one machine mounts at a time. */
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

/** False also for unknown file systems, such as NFS, SMB, 9p and FUSE. */
export const isOnLocalDisk: IsOnLocalDisk = async (folder) => localKinds.has((await statfs(folder)).type >>> 0);
