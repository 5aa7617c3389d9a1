import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedRow } from '../../../domain/row.ts';
import type { RejectLengths, RejectSink } from '../../../ports/run-stores.ts';
import { AppendFile, cutBack, type OpenFile } from '../append-file.ts';
import { diskFault, syncFolder } from '../durable-file.ts';

type RejectFilesOptions = {
  /** Of the file of rows: `csv`, `txt`. */
  readonly extension: string;
  /** First bytes of the file of rows, its terminator included. */
  readonly header?: Uint8Array;
  /** What is written for the bytes of a row; by default the same bytes, and a line feed if they end without one. */
  readonly writeRow?: (bytes: Uint8Array) => readonly Uint8Array[];
  /** Lengths in the checkpoint, if a run is resumed, to which the files are truncated. */
  readonly resumeAt?: RejectLengths;
  /** Names of the two files if they are not rejects; that of the rows without its extension. */
  readonly names?: { readonly rows: string; readonly reasons: string };
  readonly openFile?: OpenFile;
};

const lineFeed = Buffer.from('\n');
/** Rows come by the ten thousand, and their text takes several times their memory. */
const rowsAtOnce = 1000;

/**
 * The reject files of a run directory, created at the first reject: `rejected.csv` with the rows as the source has them,
 * to be repaired and imported, and `rejects.jsonl` with the reasons, one JSON object a line:
 *
 *     {line, file, byteOffset, byteLength, ordinal, column?, code, message}    file: index in the order given, from 0
 *
 * Throws ImportError `run-dir` if the files are shorter than recorded.
 */
export async function openRejectFiles(folder: string, options: RejectFilesOptions): Promise<RejectSink> {
  const { extension, header, resumeAt = { rowsBytes: 0, reasonsBytes: 0 }, openFile = open } = options;
  const { names = { rows: 'rejected', reasons: 'rejects.jsonl' } } = options;
  const rowsPath = join(folder, `${names.rows}.${extension}`);
  const reasonsPath = join(folder, names.reasons);
  await cutBack(rowsPath, resumeAt.rowsBytes);
  await cutBack(reasonsPath, resumeAt.reasonsBytes);
  return new RejectFiles(
    folder,
    new AppendFile(rowsPath, openFile, resumeAt.rowsBytes),
    new AppendFile(reasonsPath, openFile, resumeAt.reasonsBytes),
    header ?? new Uint8Array(0),
    options.writeRow ?? terminated,
  );
}

class RejectFiles implements RejectSink {
  readonly #folder: string;
  readonly #rows: AppendFile;
  readonly #reasons: AppendFile;
  readonly #header: Uint8Array;
  readonly #writeRow: (bytes: Uint8Array) => readonly Uint8Array[];
  #namesSynced = false;

  constructor(
    folder: string,
    rows: AppendFile,
    reasons: AppendFile,
    header: Uint8Array,
    writeRow: (bytes: Uint8Array) => readonly Uint8Array[],
  ) {
    this.#writeRow = writeRow;
    this.#folder = folder;
    this.#rows = rows;
    this.#reasons = reasons;
    this.#header = header;
  }

  async append(rows: readonly ListedRow[]): Promise<void> {
    const before = this.#lengths();
    try {
      for (let from = 0; from < rows.length; from += rowsAtOnce)
        await this.#append(rows.slice(from, from + rowsAtOnce));
    } catch (error) {
      // An operator must find whole rows, each with its reason.
      await this.#rows.cutTo(before.rowsBytes);
      await this.#reasons.cutTo(before.reasonsBytes);
      throw error;
    }
  }

  async #append(rows: readonly ListedRow[]): Promise<void> {
    const header = this.#rows.byteLength === 0 ? [this.#header] : [];
    await this.#rows.append(Buffer.concat([...header, ...rows.flatMap(({ bytes }) => this.#writeRow(bytes))]));
    await this.#reasons.append(Buffer.from(rows.map(reasonLine).join('')));
  }

  async sync(): Promise<RejectLengths> {
    const lengths = this.#lengths();
    if (lengths.rowsBytes === 0) return lengths;
    await this.#rows.sync();
    await this.#reasons.sync();
    if (!this.#namesSynced) await this.#syncNames();
    return lengths;
  }

  async close(): Promise<void> {
    await this.#rows.close();
    await this.#reasons.close();
  }

  #lengths(): RejectLengths {
    return { rowsBytes: this.#rows.byteLength, reasonsBytes: this.#reasons.byteLength };
  }

  async #syncNames(): Promise<void> {
    try {
      await syncFolder(this.#folder);
    } catch (error) {
      throw diskFault(this.#folder, error);
    }
    this.#namesSynced = true;
  }
}

/** The last row of a source may lack its terminator, but another row follows here. */
function terminated(bytes: Uint8Array): readonly Uint8Array[] {
  return bytes.at(-1) === lineFeed[0] ? [bytes] : [bytes, lineFeed];
}

function reasonLine({ position, column, code, message }: ListedRow): string {
  const { line, fileIndex, byteOffset, byteLength, ordinal } = position;
  return `${JSON.stringify({ line, file: fileIndex, byteOffset, byteLength, ordinal, column, code, message })}\n`;
}
