import type { FileSourceFile } from '../../adapters/file/source/file-source.ts';
import { lineFeed } from '../../input/mysql/mysql-bytes.ts';

/** The beginning of a file, unpacked. */
export type Sample = {
  readonly bytes: Buffer;
  /** What it takes in the file as it is stored, about. */
  readonly storedBytes: number;
  /** Whether it is all of the file. */
  readonly isWhole: boolean;
};

/**
 * Up to where a file is looked at beyond the bytes that are enough for most, as long as they are not: `isEnough` is asked
 * whenever another line has ended.
 */
type LongLook = { readonly maxBytes: number; isEnough(bytes: Buffer): boolean };

/** The first bytes of a file, and the file as if they had not been read: a pipe can be read only once. */
export async function peekFile(
  file: FileSourceFile,
  maxBytes: number,
  longLook?: LongLook,
): Promise<{ sample: Sample; file: FileSourceFile }> {
  const chunks: Uint8Array[] = [];
  const rest = file.read()[Symbol.asyncIterator]();
  let fault: unknown;
  let length = 0;
  let isWhole = false;
  let hasNewLine = false;
  const isEnough = () => {
    if (longLook === undefined || length >= longLook.maxBytes) return true;
    if (!hasNewLine) return false;
    hasNewLine = false;
    return longLook.isEnough(Buffer.concat(chunks));
  };
  try {
    while (length < maxBytes || !isEnough()) {
      const next = await rest.next();
      if (next.done === true) {
        isWhole = true;
        break;
      }
      chunks.push(next.value);
      length += next.value.length;
      hasNewLine ||= next.value.includes(lineFeed);
    }
  } catch (error) {
    // Told when the reading comes to it: what stands before it may be told first.
    fault = error;
  }
  const { name, path, storedBytes, mtimeMs, checkUnchanged } = file;
  // A file that is not packed is read a little ahead at most.
  const stored = Math.min(file.storedBytesRead(), length);
  const sample = { bytes: Buffer.concat(chunks), storedBytes: stored, isWhole };
  const storedBytesRead = () => file.storedBytesRead();
  const read = () => replay(chunks, fault, rest, checkUnchanged);
  return { sample, file: { name, path, storedBytes, mtimeMs, storedBytesRead, checkUnchanged, read } };
}

async function* replay(
  chunks: Uint8Array[],
  fault: unknown,
  rest: AsyncIterator<Uint8Array>,
  checkUnchanged: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) yield chunk;
  if (fault !== undefined) throw fault;
  yield* { [Symbol.asyncIterator]: () => rest };
  // A small file was read to its end before the question; whoever answers may take an hour.
  await checkUnchanged();
}
