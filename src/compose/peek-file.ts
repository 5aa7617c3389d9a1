import type { FileSourceFile } from '../adapters/file/file-source.ts';

/** The first bytes of a file, and the file as if they had not been read: a pipe can be read only once. */
export async function peekFile(
  file: FileSourceFile,
  maxBytes: number,
): Promise<{ sample: Buffer; file: FileSourceFile }> {
  const chunks: Uint8Array[] = [];
  const rest = file.read()[Symbol.asyncIterator]();
  let fault: unknown;
  let length = 0;
  try {
    while (length < maxBytes) {
      const next = await rest.next();
      if (next.done === true) break;
      chunks.push(next.value);
      length += next.value.length;
    }
  } catch (error) {
    // Told when the reading comes to it: what stands before it may be told first.
    fault = error;
  }
  const { name, path, storedBytes, mtimeMs } = file;
  const sample = Buffer.concat(chunks).subarray(0, maxBytes);
  const storedBytesRead = () => file.storedBytesRead();
  const read = () => replay(chunks, fault, rest);
  return { sample, file: { name, path, storedBytes, mtimeMs, storedBytesRead, read } };
}

async function* replay(
  chunks: Uint8Array[],
  fault: unknown,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) yield chunk;
  if (fault !== undefined) throw fault;
  yield* { [Symbol.asyncIterator]: () => rest };
}
