import { open } from 'node:fs/promises';
import type { OpenFile } from '../../../src/adapters/file/append-file.ts';

/** A disk with room for so many bytes: the write that goes over it stores what fits, and the next is refused. */
export function limitedDisk(bytes: number): { readonly openFile: OpenFile; bytesFree: number } {
  const disk = {
    bytesFree: bytes,
    openFile: async (path: string, flags: string, mode: number) => {
      const handle = await open(path, flags, mode);
      const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<{ bytesWritten: number }>;
      handle.write = (async (buffer: Uint8Array, offset: number, length: number, position: number) => {
        const { size } = await handle.stat();
        const grows = Math.max(0, position + length - size);
        const fits = Math.min(length, length - grows + disk.bytesFree);
        if (fits <= 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        disk.bytesFree -= Math.min(grows, disk.bytesFree);
        return await write(buffer, offset, fits, position);
      }) as typeof handle.write;
      const truncate = handle.truncate.bind(handle);
      handle.truncate = async (length = 0) => {
        disk.bytesFree += Math.max(0, (await handle.stat()).size - length);
        await truncate(length);
      };
      return handle;
    },
  };
  return disk;
}
