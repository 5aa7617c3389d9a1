import { statfs } from 'node:fs/promises';

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
