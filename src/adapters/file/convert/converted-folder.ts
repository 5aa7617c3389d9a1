import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { ImportError } from '../../../domain/import-error.ts';
import { type ConvertedFiles, ownerName, type PackFile } from '../../../ports/converted-files.ts';
import { diskFault, syncFolder, writeDurably } from '../durable-file.ts';

/** A local folder of converted files, mode 0700. `path`: absolute. */
export function convertedFolder(path: string): ConvertedFiles {
  return {
    place: path,
    stagingFolder: path,
    claim: (runId) => claim(path, runId),
    async put(staged, { name }) {
      const target = join(path, name);
      try {
        await mkdir(dirname(target), { recursive: true, mode: 0o700 });
        await rename(staged, target);
        await syncFolder(dirname(target));
        await syncFolder(path);
      } catch (error) {
        throw diskFault(target, error);
      }
    },
    sha256: (name) => sha256Of(join(path, name)),
  };
}

/** Throws ImportError `usage` if the folder holds anything. One that is missing, or is to be made, is all right. */
export async function checkConvertedFolder(path: string): Promise<void> {
  // A process that was killed while it claimed the folder leaves the temporary file.
  const names = (await namesIn(path)).filter((name) => name !== `${ownerName}.tmp`);
  if (names.length === 0) return;
  throw new ImportError('usage', `--to ${path} is not empty`, {
    hint: 'Name a new folder, or continue the conversion into this one with import-tokens convert --resume and its run directory.',
  });
}

async function claim(path: string, runId: string): Promise<void> {
  const names = await namesIn(path);
  if (names.includes(ownerName) && (await readFile(join(path, ownerName), 'utf8')).trim() === runId) return;
  await checkConvertedFolder(path);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
  } catch (error) {
    throw diskFault(path, error);
  }
  await writeDurably(join(path, ownerName), `${runId}\n`);
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR')
      throw new ImportError('usage', `--to ${path} is not a folder`, { hint: 'Name a new folder.' });
    throw diskFault(path, error);
  }
}

async function sha256Of(path: string): Promise<string | undefined> {
  const sha256 = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) sha256.update(chunk as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskFault(path, error);
  }
  return sha256.digest('hex');
}

/** Fixed, so that the same rows become the same bytes. */
const gzipLevel = 6;

/** Gzips the chunks into a new file, mode 0600. The bytes hold neither a name nor a time. */
export const packFile: PackFile = async (path, chunks) => {
  const sha256 = createHash('sha256');
  let bytes = 0;
  let handle: FileHandle | undefined;
  let writeError: unknown;
  try {
    handle = await open(path, 'w', 0o600);
    const file = handle;
    await pipeline(Readable.from(chunks), createGzip({ level: gzipLevel }), async (packed: AsyncIterable<Buffer>) => {
      for await (const chunk of packed) {
        sha256.update(chunk);
        bytes += chunk.length;
        await writeAll(file, chunk).catch((error: unknown) => {
          writeError = error;
          throw error;
        });
      }
    });
    await handle.sync();
    await handle.close();
    return { bytes, sha256: sha256.digest('hex') };
  } catch (ended) {
    // A pipeline whose last part throws may report the AbortError of the part before it.
    const error = writeError ?? ended;
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
