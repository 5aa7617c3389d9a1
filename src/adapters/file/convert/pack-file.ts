import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { PackFile } from '../../../ports/converted-files.ts';
import { diskFault } from '../durable-file.ts';

/** Fixed, so that the same rows become the same bytes. */
const gzipLevel = 6;

/** Gzips the chunks into a new file, mode 0600. The bytes hold neither a name nor a time. */
export const packFile: PackFile = async (path, chunks) => {
  const sha256 = createHash('sha256');
  let bytes = 0;
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'w', 0o600);
    const file = handle;
    await pipeline(Readable.from(chunks), createGzip({ level: gzipLevel }), async (packed: AsyncIterable<Buffer>) => {
      for await (const chunk of packed) {
        sha256.update(chunk);
        bytes += chunk.length;
        await writeAll(file, chunk);
      }
    });
    await handle.sync();
    await handle.close();
    return { bytes, sha256: sha256.digest('hex') };
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(path, { force: true }).catch(() => undefined);
    throw isOfSystem(error) ? diskFault(path, error) : error;
  }
};

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

function isOfSystem(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | undefined)?.syscall === 'string';
}
