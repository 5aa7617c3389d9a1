import { join } from 'node:path';
import { openRejectFiles } from '../../adapters/file/run/reject-files.ts';
import { VerifyStateFiles } from '../../adapters/file/run/verify-state.ts';
import { type Position, Row } from '../../domain/row.ts';
import type { RunningHash } from '../../input/source-hash.ts';
import type { RunControl } from '../../pipeline/run-control.ts';
import type { Difference, DifferenceChange, Differences } from '../../pipeline/verify/differences.ts';
import type { VerifyCounts } from '../../pipeline/verify/read-batches.ts';
import type { VerifyProgress, VerifyRun } from '../../pipeline/verify/verify-run.ts';
import type { Clock } from '../../ports/clock.ts';
import { listedShape, type OpenedRows } from '../source/open-rows.ts';
import type { VerifyFolder } from './verify-folder.ts';

const intervalMs = 1000;

type SaverSetup = {
  readonly hash: RunningHash;
  readonly control: RunControl;
  readonly clock: Clock;
  readonly differences: Differences;
};

/** Saves once a second how far a verification of all rows is, and what it found. */
export class VerifySaver {
  readonly files: VerifyStateFiles;
  /** Where an earlier process stopped. */
  readonly restored: VerifyProgress | undefined;
  readonly #setup: SaverSetup;
  #saving: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;
  #failed = false;

  private constructor(files: VerifyStateFiles, restored: VerifyProgress | undefined, setup: SaverSetup) {
    this.files = files;
    this.restored = restored;
    this.#setup = setup;
  }

  static async open({ directory, state }: VerifyFolder, setup: SaverSetup): Promise<VerifySaver> {
    const files = await VerifyStateFiles.open(directory.path, state);
    if (state.progress === undefined) return new VerifySaver(files, undefined, setup);
    const counts = state.progress.counts as unknown as VerifyCounts;
    const changes: DifferenceChange[] = [];
    for await (const stored of files.found()) changes.push(changeOf(stored as StoredChange));
    setup.differences.restore(changes, counts);
    return new VerifySaver(files, { mark: state.progress.mark, counts }, setup);
  }

  start(run: VerifyRun): void {
    this.#cancelTimer = this.#setup.clock.setTimer(intervalMs, () => {
      void this.#save(run).then(() => {
        if (this.#cancelTimer !== undefined) this.start(run);
      });
    });
  }

  async close(run: VerifyRun): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    await this.#save(run);
  }

  finish(): Promise<void> {
    return this.files.finish();
  }

  #save(run: VerifyRun): Promise<void> {
    const { hash, control, differences } = this.#setup;
    this.#saving = this.#saving
      .then(() => {
        const { mark, counts } = run.progress;
        // After a fault the differences that were taken are gone: a later mark must not be saved without them.
        if (mark.ordinal === 0 || this.#failed) return undefined;
        return this.files.save(differences.takeChanges().map(storedChange), { mark, counts, hash: hash.below(mark) });
      })
      .catch((error: unknown) => {
        this.#failed = true;
        control.fail(error);
      });
    return this.#saving;
  }
}

/** Rows with their bytes, so that a pipe that can't be read again need not be. */
type StoredChange = {
  readonly key: string;
  readonly kind?: Difference['kind'];
  readonly attributes?: Difference['attributes'];
  readonly position?: Position & { readonly lines: number };
  readonly bytes?: string;
};

function storedChange({ key, difference }: DifferenceChange): StoredChange {
  if (difference === undefined) return { key: encoded(key) };
  const { kind, attributes, row } = difference;
  const { byteLength, fileIndex, ordinal, line, lines, byteOffset } = row;
  return {
    ...{ key: encoded(key), kind, attributes },
    position: { byteLength, fileIndex, ordinal, line, lines, byteOffset },
    bytes: Buffer.from(row.bytes).toString('base64'),
  };
}

function changeOf({ key, kind, attributes = [], position, bytes = '' }: StoredChange): DifferenceChange {
  const decoded = Buffer.from(key, 'base64').toString('utf16le');
  if (kind === undefined) return { key: decoded, difference: undefined };
  const { byteLength, fileIndex, ordinal, line, lines, byteOffset } = position!;
  const row = new Row(Buffer.from(bytes, 'base64'), 0, byteLength, fileIndex, ordinal, line, lines, byteOffset);
  return { key: decoded, difference: { kind, attributes, row } };
}

/** Keys can hold any code unit; JSON would let lone surrogates pass, but not every tool that reads it. */
function encoded(key: string): string {
  return Buffer.from(key, 'utf16le').toString('base64');
}

/** Writes `missing.*` and `different.*`, rows as the source has them, with the reasons beside. Returns the paths of those made. */
export async function listDifferences(
  folder: string,
  rows: OpenedRows,
  differences: Differences,
  showValues: boolean,
): Promise<readonly string[]> {
  const made: string[] = [];
  for (const kind of ['missing', 'different'] as const) {
    const names = { rows: kind, reasons: `${kind}.jsonl` };
    const sink = await openRejectFiles(folder, { ...listedShape(rows), names });
    const found = differences.all(kind);
    await sink.append(
      found.map((difference) => ({
        position: difference.row,
        bytes: difference.row.bytes,
        code: kind,
        message: messageOf(difference, showValues),
      })),
    );
    await sink.sync();
    await sink.close();
    if (found.length > 0) made.push(join(folder, `${kind}.${rows.dialect.rejectExtension}`));
  }
  return made;
}

function messageOf({ kind, attributes }: Difference, showValues: boolean): string {
  if (kind === 'missing') return 'the table has no item with this key';
  const texts = attributes.map(({ name, inRow, inTable }) =>
    showValues ? `"${name}" (row ${inRow ?? 'none'}, table ${inTable ?? 'none'})` : `"${name}"`,
  );
  return `the item differs in ${texts.join(', ')}`;
}
