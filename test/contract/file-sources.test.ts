import { execFileSync } from 'node:child_process';
import { createWriteStream, readdirSync, readlinkSync, rmSync, type WriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFileSource } from '../../src/adapters/file/source/file-source.ts';
import { workDir } from '../support/work-dir.ts';
import { bytesOf, type ContractFile, type ContractPlace, sourceContract } from './source-contract.ts';

sourceContract('a file', { isReadAgain: true, onChange: 'fault' }, async () => {
  const folder = workDir({ keep: true });
  const path = join(folder.path, 'rows.txt');
  let file: ContractFile | undefined;
  return {
    // A change within one tick of the clock of the file system could not be told by its time.
    hold: async (rows) => {
      rmSync(path, { force: true });
      writeFileSync(path, bytesOf(rows));
    },
    remove: async () => rmSync(path),
    open: async () => {
      file = await opened(path);
      return file;
    },
    bytesSent: () => file?.storedBytesRead() ?? 0,
    handlesOpen: () => handlesOn(path),
    breakOff: () => execFileSync('truncate', ['-s', '-1', path]),
    stop: () => folder.remove(),
  };
});

sourceContract('a named pipe', { isReadAgain: false, onChange: 'cannot change' }, async () => {
  const folder = workDir({ keep: true });
  const path = join(folder.path, 'pipe');
  execFileSync('mkfifo', [path]);
  let bytes: Uint8Array = Buffer.alloc(0);
  let writer: WriteStream | undefined;
  const place: ContractPlace = {
    hold: async (rows) => {
      bytes = bytesOf(rows);
    },
    remove: async () => rmSync(path),
    open: async () => {
      const file = await opened(path);
      const read = () => {
        const chunks = file.read();
        writer = createWriteStream(path);
        // Who stops reading breaks the pipe.
        writer.on('error', () => {});
        writer.end(bytes);
        return chunks;
      };
      return { ...file, read };
    },
    bytesSent: () => writer?.bytesWritten ?? 0,
    handlesOpen: () => handlesOn(path),
    stop: () => folder.remove(),
  };
  return place;
});

sourceContract('standard input', { isReadAgain: false, onChange: 'cannot change' }, async () => {
  let bytes: Uint8Array = Buffer.alloc(0);
  let sent = 0;
  let reading = 0;
  return {
    hold: async (rows) => {
      bytes = bytesOf(rows);
    },
    open: async () => (await openFileSource(['-'], input)).files[0]!,
    bytesSent: () => sent,
    handlesOpen: () => reading,
    stop: async () => {},
  };

  async function* input(): AsyncGenerator<Uint8Array> {
    reading++;
    try {
      for (let at = 0; at < bytes.length; at += 65_536) {
        const chunk = bytes.subarray(at, at + 65_536);
        sent += chunk.length;
        yield Uint8Array.from(chunk);
      }
    } finally {
      reading--;
    }
  }
});

async function opened(path: string): Promise<ContractFile> {
  const { files } = await openFileSource([path], () => {
    throw new Error('Expected standard input not to be asked for');
  });
  return files[0]!;
}

/** Descriptors of this process that are open on the path. */
function handlesOn(path: string): number {
  const folder = '/proc/self/fd';
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(join(folder, fd)) === path;
    } catch {
      return false;
    }
  }).length;
}
