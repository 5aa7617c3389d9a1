import * as fs from 'node:fs';
import { join } from 'node:path';
import { diskFault } from '../durable-file.ts';

/** Where log lines go. Nothing it does may stop an import. */
type LogFile = {
  /** Writes at once, so that a crash loses no line. `line` brings its line feed. Never throws. */
  write(line: string): void;
  /** Lines that the disk did not take. */
  readonly linesLost: number;
  close(): void;
};

/**
 * `run.log`, appended to (mode 0600). `onFirstLoss` hears once that a line was lost, in words for the operator.
 * Throws ImportError `disk-full` or `run-dir` where it cannot be opened. `writeSync` is given by tests.
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
        // A disk takes what still fits: the next line must not go on from there.
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
    if (linesLost === 1) onFirstLoss(`Log lines are being lost, the import goes on: ${reason}`);
  }
}

function openToAppend(path: string): number {
  try {
    return fs.openSync(path, 'a', 0o600);
  } catch (error) {
    throw diskFault(path, error);
  }
}
