import * as fs from 'node:fs';
import { join } from 'node:path';
import { diskFault } from '../durable-file.ts';

/** Where log lines go. A fault of the log never stops an import. */
type LogFile = {
  /** Writes synchronously, so that a crash loses no line. `line` includes its line feed. Never throws. */
  write(line: string): void;
  /** Lines that could not be written. */
  readonly linesLost: number;
  close(): void;
};

/**
 * `run.log`, to which lines are appended (mode 0600). `onFirstLoss` is called once, with a message for the operator, when
 * a line is lost. Throws ImportError `disk-full` or `run-dir` if it cannot be opened. Tests replace `writeSync`.
 */
export function openLogFile(
  folder: string,
  onFirstLoss: (message: string) => void,
  writeSync: (fd: number, bytes: Uint8Array) => number = fs.writeSync,
): LogFile {
  const path = join(folder, 'run.log');
  let fd: number | undefined = openToAppend(path);
  let linesLost = 0;
  let tornLine = false;
  return {
    write(line) {
      if (fd === undefined) return;
      try {
        const bytes = Buffer.from(tornLine ? `\n${line}` : line);
        const bytesWritten = writeSync(fd, bytes);
        // A disk that fills up takes a part of the line: the next one must not continue it.
        if (bytesWritten > 0) tornLine = bytesWritten < bytes.length;
        if (bytesWritten < bytes.length) lose(`${path} cannot be written: the disk is full`);
      } catch (error) {
        lose(diskFault(path, error).message);
      }
    },
    get linesLost() {
      return linesLost;
    },
    close() {
      if (fd !== undefined) fs.closeSync(fd);
      fd = undefined;
    },
  };

  function lose(reason: string): void {
    linesLost++;
    if (linesLost === 1) onFirstLoss(`Log lines are being lost, but the import continues: ${reason}`);
  }
}

function openToAppend(path: string): number {
  try {
    return fs.openSync(path, 'a', 0o600);
  } catch (error) {
    throw diskFault(path, error);
  }
}
