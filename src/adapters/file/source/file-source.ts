import { readdir, stat } from 'node:fs/promises';
import { shellWord } from '../../../domain/format.ts';
import { ImportError } from '../../../domain/import-error.ts';
import { refuseUnsupportedBytes } from '../../../input/unsupported-formats.ts';
import type { OpenedFile } from '../../../ports/source.ts';
import { packingOf, refusePacking } from '../../packing/packing.ts';
import { readUnpacked } from '../../packing/unpack.ts';
import { manifestName } from '../run/run-manifest.ts';
import {
  type FileState,
  readHead,
  readNamedPipe,
  readRegularFile,
  requireUnchanged,
  sourceUnreadable,
} from './regular-file.ts';

/**
 * The inputs at these paths, `-` being standard input. Gzip, and zstd if the runtime supports it, are unpacked whatever
 * the name. Throws ImportError `usage` or `source-*` for faults that show before reading.
 */
export async function openFileSource(
  paths: readonly string[],
  stdin: () => AsyncIterable<Uint8Array>,
): Promise<{ readonly files: readonly OpenedFile[] }> {
  if (paths.filter((path) => path === '-').length > 1) {
    throw new ImportError('usage', 'Expected - (standard input) at most once, got it twice', {
      hint: 'Pass it once, and ./- for a file of that name.',
    });
  }
  const files: OpenedFile[] = [];
  for (const path of paths) files.push(path === '-' ? standardInput(stdin) : await openPath(path));
  return { files };
}

/** For messages, in place of a path. */
export const standardInputName = 'standard input';

function standardInput(stdin: () => AsyncIterable<Uint8Array>): OpenedFile {
  return readOnce(sourceFile(standardInputName, undefined, stdin));
}

async function openPath(path: string): Promise<OpenedFile> {
  const state = await inspect(path);
  if (state.isFIFO()) return readOnce(sourceFile(path, undefined, () => readNamedPipe(path)));
  if (state.isDirectory()) throw await directoryInPlaceOfFile(path);
  refuseUnlessFile(path, state);
  const head = await readHead(path);
  const packing = packingOf(head);
  refusePacking(path, packing);
  if (packing === undefined) refuseUnsupportedBytes(head, path);
  return sourceFile(path, state, () => readRegularFile(path, state));
}

async function inspect(path: string) {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw sourceUnreadable(path, error);
    throw new ImportError('source-missing', `${path}: no such file`, {
      hint: 'Check the path, or pass - for standard input.',
      cause: error,
    });
  }
}

/** The files of a run directory are not a source. */
async function directoryInPlaceOfFile(path: string): Promise<ImportError> {
  const names: readonly string[] = await readdir(path).catch(() => []);
  const isRun = names.includes(manifestName);
  const extension = extensionOfRows(names);
  const pattern = extension === undefined ? '.' : `: ${shellWord(path.replace(/\/$/, ''))}/*${extension}`;
  const files = `Name the files with rows in it, in the order to read them${pattern}`;
  return new ImportError('source-unreadable', `${path} is a directory${isRun ? ', of a run' : ''}`, {
    hint: isRun ? `Continue that run: import-tokens --resume ${path}` : files,
  });
}

/** mydumper writes table definitions as `.sql` too, so that no pattern names the files with rows alone. */
function extensionOfRows(names: readonly string[]): string | undefined {
  if (names.some((name) => name.includes('-schema'))) return undefined;
  for (const kind of ['csv', 'txt', 'tsv', 'sql']) {
    const [found] = names.flatMap((name) => new RegExp(`\\.${kind}(\\.gz|\\.zst)?$`).exec(name)?.[0] ?? []);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refuseUnlessFile(path: string, state: { isFile(): boolean; size: bigint }): void {
  if (!state.isFile()) {
    throw new ImportError('source-unreadable', `${path} is neither a file nor a named pipe`, {
      hint: `Pipe it, with the same options: cat ${path} | import-tokens -`,
    });
  }
  if (state.size === 0n) {
    throw new ImportError('source-empty', `${path} is empty (0 bytes)`, {
      hint: 'Check that the dump that wrote it succeeded, or leave it out.',
    });
  }
}

function sourceFile(
  name: string,
  state: FileState | undefined,
  openStored: () => AsyncIterable<Uint8Array>,
): OpenedFile {
  let storedBytesRead = 0;
  return {
    name,
    path: state && name,
    mtimeMs: state && Number(state.mtimeMs),
    storedBytes: state && Number(state.size),
    storedBytesRead: () => storedBytesRead,
    checkUnchanged: async () => state && requireUnchanged(name, state),
    read() {
      storedBytesRead = 0;
      return readUnpacked(name, counted());
    },
  };

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of openStored()) {
      storedBytesRead += chunk.length;
      yield chunk;
    }
  }
}

function readOnce(file: OpenedFile): OpenedFile {
  let begun = false;
  return {
    ...file,
    read() {
      if (begun) throw new Error(`${file.name} can be read only once`);
      begun = true;
      return file.read();
    },
  };
}

/**
 * Warns if a number in the names goes down (`tokens-10` before `tokens-2`, as a shell sorts them), so that an older row
 * might win. Undefined if there is nothing to warn about.
 */
export function warnAboutOrder(paths: readonly string[]): string | undefined {
  for (let index = 1; index < paths.length; index++) {
    const before = paths[index - 1]!;
    const after = paths[index]!;
    if (!numberDescends(before, after)) continue;
    return (
      `${before} comes before ${after}: the files are read in this order, and the last row of a key wins. ` +
      'If the numbers show their age, pass them in numeric order.'
    );
  }
  return undefined;
}

/** Whether the names first differ in a number, and the earlier name has the greater one. */
function numberDescends(before: string, after: string): boolean {
  // Every other part is a number.
  const left = before.split(/(\d+)/);
  const right = after.split(/(\d+)/);
  const at = left.findIndex((part, index) => part !== right[index]);
  if (at % 2 !== 1 || right[at] === undefined) return false;
  return BigInt(left[at]!) > BigInt(right[at]);
}
