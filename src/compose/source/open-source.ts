import { resolve } from 'node:path';
import type { ManifestFile } from '../../adapters/file/run/run-manifest.ts';
import { type FileSourceFile, openFileSource, warnAboutOrder } from '../../adapters/file/source/file-source.ts';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { lineFeed } from '../../input/mysql/mysql-bytes.ts';
import { changedSource } from '../../input/source-hash.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { Surroundings } from '../surroundings.ts';
import { withFolderFiles } from './mydumper-folder.ts';

/** What an earlier process left: the command that resumes from there, and the files it had. */
type SourceBefore = { readonly resumeCommand: string; readonly files: readonly ManifestFile[] | undefined };

/**
 * The files that the options name. Throws ImportError `usage` or `source-*` for what can be seen before reading, and
 * `resume-mismatch` where they are not those of before.
 */
export async function openSource(
  { sources, sourceTable }: Pick<ImportOptions, 'sources'> & Partial<Pick<ImportOptions, 'sourceTable'>>,
  { cwd, stdin, warn }: Pick<Surroundings, 'cwd' | 'stdin' | 'warn'>,
  before?: SourceBefore,
): Promise<{ readonly files: readonly FileSourceFile[] }> {
  const paths = sources.map((path) => (path === '-' ? path : resolve(cwd, path)));
  const source = await openFileSource(await withFolderFiles(paths, sourceTable), stdin).catch((error: unknown) => {
    throw before === undefined ? error : sourceMoved(error, before);
  });
  if (before?.files !== undefined) checkSameFiles(before.files, source.files);
  const order = warnAboutOrder(sources);
  if (order !== undefined) warn(order);
  return { files: source.files.map((file) => warningOfOpenEnd(file, warn)) };
}

/** A copy that broke off ends like any other file, and the last row of a CSV may do without a line end. */
function warningOfOpenEnd(file: FileSourceFile, warn: (message: string) => void): FileSourceFile {
  const isPipe = file.path === undefined;
  return {
    ...file,
    async *read() {
      let last: number | undefined;
      let hasLineEnd = false;
      for await (const chunk of file.read()) {
        last = chunk.at(-1);
        hasLineEnd ||= chunk.includes(lineFeed);
        yield chunk;
      }
      if (last !== lineFeed && (isPipe || hasLineEnd)) warn(`${file.name}: ${openEnd}`);
    },
  };
}

const openEnd =
  'its last row does not end with a newline, so it may be truncated and rows after it may be missing; ' +
  'pass --expect-rows to be certain';

function sourceMoved(fault: unknown, { resumeCommand }: SourceBefore): unknown {
  if (!(fault instanceof ImportError) || fault.code !== 'source-missing') return fault;
  return new ImportError('source-missing', fault.message, {
    hint: `If it was moved, name it where it is now: ${resumeCommand} PATH`,
    cause: fault,
  });
}

function checkSameFiles(before: readonly ManifestFile[], now: readonly FileSourceFile[]): void {
  if (before.length !== now.length) throw changedSource(`it has ${now.length} files where it had ${before.length}`);
  for (const [index, { name, storedBytes }] of now.entries()) {
    const storedBefore = before[index]?.storedBytes;
    if (storedBytes === undefined || storedBefore === undefined || storedBytes === storedBefore) continue;
    throw changedSource(
      `${name} has ${formatCount(storedBytes)} bytes, ${before[index]?.name} had ${formatCount(storedBefore)}`,
    );
  }
}

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
