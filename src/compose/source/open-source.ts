import type { ManifestFile } from '../../adapters/file/run/run-manifest.ts';
import { warnAboutOrder } from '../../adapters/file/source/file-source.ts';
import type { MysqlSource } from '../../adapters/mysql/mysql-source.ts';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { lineFeed } from '../../input/framed-rows.ts';
import { changedSource } from '../../input/source-hash.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { isLiveSource } from '../../options/source-options.ts';
import type { OpenedFile } from '../../ports/source.ts';
import { type PlanSurroundings, unlessStopped } from '../surroundings.ts';
import { type LiveOptions, withLiveSource } from './open-live-source.ts';
import { absolutePath, SourcePlaces, withFolderFiles } from './source-places.ts';

/** The files of a source, and the places that opened them. */
export type OpenedSource = {
  readonly files: readonly OpenedFile[];
  readonly places: SourcePlaces;
  /** Present if the only file is a table of a server. */
  readonly live?: MysqlSource;
};

/** What an earlier process left: the command that resumes from there, and the files it had. */
type SourceBefore = { readonly resumeCommand: string; readonly files: readonly ManifestFile[] | undefined };

type SourceOptions = ConstructorParameters<typeof SourcePlaces>[0] &
  LiveOptions &
  Partial<Pick<ImportOptions, 'sourceTable'>>;

type SourceSurroundings = Omit<PlanSurroundings, 'observe' | 'argv'>;

/**
 * Opens the files that the options name, or the table of a live server, runs `work` and closes them. Throws ImportError
 * `usage` or `source-*` for faults that show before reading, `resume-mismatch` if the files have changed, and the reason
 * of the signal.
 */
export async function withSource<T>(
  options: SourceOptions,
  surroundings: SourceSurroundings,
  before: SourceBefore | undefined,
  work: (source: OpenedSource) => Promise<T>,
): Promise<T> {
  const places = new SourcePlaces(options, surroundings);
  if (options.sources.some(isLiveSource)) {
    return withLiveSource(options, surroundings, (live) => work({ files: [live.file], places, live }));
  }
  const begun = new Set<AsyncGenerator<Uint8Array>>();
  try {
    const opening = openSource(options, places, surroundings, before, begun);
    return await work({ files: await unlessStopped(surroundings.signal, opening), places });
  } finally {
    // Not awaited, because a pipe may never give what was last asked of it.
    for (const chunks of begun) chunks.return(undefined).catch(() => undefined);
    await places.close();
  }
}

async function openSource(
  { sources, sourceTable }: SourceOptions,
  places: SourcePlaces,
  { cwd, warn }: SourceSurroundings,
  before: SourceBefore | undefined,
  begun: Set<AsyncGenerator<Uint8Array>>,
): Promise<readonly OpenedFile[]> {
  const paths = sources.map((path) => absolutePath(cwd, path));
  const versionOf = (path: string) => before?.files?.find((file) => file.path === path)?.versionId;
  const opening = withFolderFiles(paths, places, sourceTable).then((named) => places.open(named, versionOf));
  const files = await opening.catch((error: unknown) => {
    throw before === undefined ? error : sourceMoved(error, before);
  });
  if (before?.files !== undefined) checkSameFiles(before.files, files);
  const order = warnAboutOrder(files.length === sources.length ? sources : files.map(({ name }) => name));
  if (order !== undefined) warn(order);
  return files.map((file) => warningOfOpenEnd(file, warn, begun));
}

/**
 * A copy that broke off ends like any other file, and the last row of a CSV may do without a line end.
 * @param begun every reading of the file that begins, so that one that is left can be ended
 */
function warningOfOpenEnd(
  file: OpenedFile,
  warn: (message: string) => void,
  begun: Set<AsyncGenerator<Uint8Array>>,
): OpenedFile {
  const isPipe = file.path === undefined;
  const { readFrom } = file;
  return {
    ...file,
    read: () => begin(watched(file.read())),
    ...(readFrom !== undefined && { readFrom: (byteOffset) => begin(watched(readFrom(byteOffset))) }),
  };

  function begin(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    begun.add(chunks);
    return chunks;
  }

  async function* watched(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let last: number | undefined;
    let hasLineEnd = false;
    for await (const chunk of chunks) {
      last = chunk.at(-1);
      hasLineEnd ||= chunk.includes(lineFeed);
      yield chunk;
    }
    if (last !== undefined && last !== lineFeed && (isPipe || hasLineEnd)) warn(`${file.name}: ${openEnd}`);
  }
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

function checkSameFiles(before: readonly ManifestFile[], now: readonly OpenedFile[]): void {
  if (before.length !== now.length) throw changedSource(`it has ${now.length} files where it had ${before.length}`);
  for (const [index, file] of now.entries()) {
    const how = changeOf(file, before[index]!);
    if (how !== undefined) throw changedSource(how);
  }
}

/** A copy elsewhere may have another ETag; its bytes are compared instead. */
function changeOf({ name, storedBytes, etag }: OpenedFile, before: ManifestFile): string | undefined {
  if (storedBytes !== undefined && before.storedBytes !== undefined && storedBytes !== before.storedBytes) {
    return `${name} has ${formatCount(storedBytes)} bytes, ${before.name} had ${formatCount(before.storedBytes)}`;
  }
  const isOther = name === before.name && before.etag !== undefined && etag !== before.etag;
  return isOther ? `${name} was overwritten` : undefined;
}

/** Whether the ETags show that the files up to this one are unchanged. */
export function areKnown(
  fileIndex: number,
  before: readonly ManifestFile[] | undefined,
  now: readonly OpenedFile[],
): boolean {
  return now.slice(0, fileIndex + 1).every(({ etag = '' }, index) => etag !== '' && etag === before?.[index]?.etag);
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
  file: OpenedFile,
  maxBytes: number,
  longLook?: LongLook,
): Promise<{ sample: Sample; file: OpenedFile }> {
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
  // A file that is not packed is read a little ahead at most.
  const stored = Math.min(file.storedBytesRead(), length);
  const sample = { bytes: Buffer.concat(chunks), storedBytes: stored, isWhole };
  return { sample, file: { ...file, read: () => replay(chunks, fault, rest, file.checkUnchanged) } };
}

async function* replay(
  chunks: Uint8Array[],
  fault: unknown,
  rest: AsyncIterator<Uint8Array>,
  checkUnchanged: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) yield chunk;
    if (fault !== undefined) throw fault;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
  // A small file was read to its end before the question; whoever answers may take an hour.
  await checkUnchanged();
}
