import type { Column } from '../../../domain/column.ts';
import { ImportError } from '../../../domain/import-error.ts';
import { type Batch, hashOfText } from '../../../domain/token.ts';
import type { WriteResult } from '../../../domain/write-result.ts';
import type { TokenEncoder, TokenRepository } from '../../../ports/token-repository.ts';
import type { SpoolWriter } from './spool.ts';

/** How the payloads of tokens become lines. */
export type LineEncoding = {
  encoder(columns: readonly Column[]): TokenEncoder;
  /** Bytes of the line of a payload, without a line feed. */
  lineBytes(payload: unknown): number;
  writeLine(payload: unknown, to: Buffer, at: number): void;
};

/** A repository that spools the rows of each key in the order of the source. */
export function createSpoolRepository(
  spool: SpoolWriter,
  partitionOf: (hash: number) => number,
  { encoder, lineBytes, writeLine }: LineEncoding,
): TokenRepository {
  return {
    maxBatchTokens: 25,
    maxBatchBytes: 16 * 1024 ** 2,
    encoder,
    async write({ tokens, writeUnits }: Batch): Promise<WriteResult> {
      for (const { key, keyHash = hashOfText(key), payload } of tokens) {
        spool.add(partitionOf(keyHash), keyHash, key, lineBytes(payload), (to, at) => writeLine(payload, to, at));
      }
      try {
        await spool.written();
      } catch (error) {
        if (error instanceof ImportError) return { kind: 'fatal', error };
        throw error;
      }
      return { kind: 'accepted', unprocessed: [], consumedWriteUnits: writeUnits };
    },
    traffic: () => ({ connectionsOpened: 0, bytesSent: 0 }),
    close: async () => {},
  };
}
