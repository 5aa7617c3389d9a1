import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Mark, SourceHash } from '../../../domain/checkpoint.ts';
import { ImportError } from '../../../domain/import-error.ts';
import { AppendFile, cutBack } from '../append-file.ts';
import { holdsCounts, isCount, isObject, type JsonObject, readStoredJson, writeDurably } from '../durable-file.ts';
import type { ManifestFile } from './run-manifest.ts';

/** These names differ from those of an import, so that neither command mistakes the folder of the other for its own. */
export const verifyStateName = 'verify.json';
const journalName = 'found.jsonl';

type StoredVerifyProgress = {
  readonly mark: Mark;
  readonly hash: SourceHash;
  /** Opaque here. */
  readonly counts: JsonObject;
  /** Bytes of the journal that belong to the mark. */
  readonly journalBytes: number;
};

/** What a verification was started with, and how far it got. */
export type VerifyState = {
  readonly version: 1;
  /** Opaque here. */
  readonly options: JsonObject;
  readonly source: readonly ManifestFile[];
  readonly columns: readonly string[];
  /** How the source is read, opaque here; absent in verifications of versions that did not store it. */
  readonly reading?: JsonObject;
  readonly seed: number;
  readonly progress?: StoredVerifyProgress;
  readonly finished?: boolean;
};

/** The verification in this folder; undefined if there is none. Throws ImportError `run-dir` if it is damaged. */
export async function loadVerifyState(folder: string): Promise<VerifyState | undefined> {
  return readStoredJson(join(folder, verifyStateName), isVerifyState);
}

/** Stores the progress of a verification, and a journal of what it found (mode 0600: it holds rows). One call at a time. */
export class VerifyStateFiles {
  readonly #path: string;
  readonly #journal: AppendFile;
  #state: VerifyState;

  private constructor(folder: string, state: VerifyState) {
    this.#path = join(folder, verifyStateName);
    this.#journal = new AppendFile(join(folder, journalName), open, state.progress?.journalBytes ?? 0);
    this.#state = state;
  }

  /** Truncates the journal to the mark. */
  static async open(folder: string, state: VerifyState): Promise<VerifyStateFiles> {
    await cutBack(join(folder, journalName), state.progress?.journalBytes ?? 0);
    return new VerifyStateFiles(folder, state);
  }

  /** The values as they were saved, one a line. */
  async *found(): AsyncGenerator<unknown> {
    if (this.#journal.byteLength === 0) return;
    const handle = await open(this.#journal.path);
    for await (const line of createInterface({ input: handle.createReadStream() })) yield this.#parsed(line);
  }

  #parsed(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw new ImportError('run-dir', `${this.#journal.path} is damaged`, {
        hint: 'Start a new verification without --resume.',
        cause,
      });
    }
  }

  async begin(): Promise<void> {
    await this.#write(this.#state);
  }

  async save(found: readonly unknown[], progress: Omit<StoredVerifyProgress, 'journalBytes'>): Promise<void> {
    if (found.length > 0) {
      await this.#journal.append(Buffer.from(found.map((value) => `${JSON.stringify(value)}\n`).join('')));
      await this.#journal.sync();
    }
    await this.#write({ ...this.#state, progress: { ...progress, journalBytes: this.#journal.byteLength } });
  }

  async finish(): Promise<void> {
    await this.#write({ ...this.#state, finished: true });
    // Its rows are in the lists of rows now.
    await this.#journal.close();
    await rm(this.#journal.path, { force: true });
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  async #write(state: VerifyState): Promise<void> {
    await writeDurably(this.#path, `${JSON.stringify(state)}\n`);
    this.#state = state;
  }
}

function isVerifyState(value: JsonObject): value is JsonObject & VerifyState {
  const { options, source, columns, seed, progress } = value;
  return (
    isObject(options) &&
    Array.isArray(source) &&
    Array.isArray(columns) &&
    typeof seed === 'number' &&
    (progress === undefined || isProgress(progress))
  );
}

function isProgress(value: unknown): boolean {
  return (
    isObject(value) &&
    holdsCounts(value['mark'], ['fileIndex', 'byteOffset', 'ordinal', 'line']) &&
    holdsCounts(value['hash'], ['fileIndex', 'byteOffset']) &&
    isObject(value['counts']) &&
    isCount(value['journalBytes'])
  );
}
