import { resolve } from 'node:path';
import type { ManifestFile } from '../../adapters/file/run/run-manifest.ts';
import { type FileSourceFile, openFileSource, warnAboutOrder } from '../../adapters/file/source/file-source.ts';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { changedSource } from '../../input/source-hash.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { Surroundings } from '../surroundings.ts';
import { withFolderFiles } from './mydumper-folder.ts';

/** What an earlier process has left: how to go on from there with a source elsewhere, and the files it had. */
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

const lineFeed = 10;
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
