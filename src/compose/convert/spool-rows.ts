import { createSpoolRepository, SpoolWriter } from '../../adapters/file/convert/spool.ts';
import { CheckpointFile, type ConvertState, saveConvertState } from '../../adapters/file/run/run-stores.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { Progress } from '../../domain/checkpoint.ts';
import { partitionOfHash, partitionsFor } from '../../pipeline/convert/write-files.ts';
import type { ImportResult } from '../../pipeline/import-setup.ts';
import { RowMapper } from '../../pipeline/map-row.ts';
import { ImportRun } from '../../pipeline/run-import.ts';
import { openRejects, pipelineSettings } from '../import.ts';
import { type DescribedTarget, openPace } from '../open-target.ts';
import { expectedBodyBytes } from '../plan/preflight.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { ImportWatch } from '../run/watch-import.ts';
import type { MappedRows } from '../source/map-columns.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import type { ConvertSurroundings } from '../surroundings.ts';

/** Rows that are spooled as far as the result says. State and progress are present, and stored, if all of them are. */
export type Spooled = { readonly result: ImportResult; readonly state?: ConvertState; readonly progress?: Progress };

/** Reads the source once, and spools each row by the hash of its key. */
export async function spoolRows(
  runFolder: RunFolder,
  rows: OpenedRows,
  mapped: MappedRows,
  target: DescribedTarget,
  spoolFolder: string,
  { begin, observer }: Pick<ImportWatch, 'begin' | 'observer'>,
  { signal, random }: ConvertSurroundings,
): Promise<Spooled> {
  const { options } = runFolder;
  const folder = runFolder.directory!.path;
  const expected = await expectedBodyBytes(options, rows, mapped, target.rate, signal);
  const partitions = partitionsFor(expected, options.fileBytes);
  const { compilePutBytes, itemLineBytes, writeItemLine } = await import('../../adapters/dynamodb/item/put-bytes.ts');
  const spool = await SpoolWriter.create(spoolFolder, partitions);
  const repository = createSpoolRepository(spool, (hash) => partitionOfHash(hash, partitions), {
    encoder: compilePutBytes,
    lineBytes: itemLineBytes,
    writeLine: writeItemLine,
  });
  const rejects = await openRejects(folder, rows, { ...runFolder, progress: undefined });
  try {
    const { pace, limits } = openPace(options, target, repository, observer, undefined);
    let progress: Progress | undefined;
    const importRun = new ImportRun({
      ...pipelineSettings(options, rows.countedRows),
      blocks: rows.blocks,
      hash: rows.hash,
      mapper: new RowMapper({ ...mapped, encoder: repository.encoder(mapped.columns) }),
      pace,
      limiter: pace.limiter,
      batchLimits: pace.batchLimits,
      repository,
      // Which rows are left out before the spool would depend on chance, and with it the files.
      everyRowCounts: true,
      observer,
      clock: systemClock,
      random,
      signal,
      rejects,
      store: {
        async save(reached) {
          progress = reached;
        },
      },
    });
    begin(importRun);
    await limits.start((bug) => importRun.fail(bug));
    const result = await importRun.run().finally(() => limits.stop());
    if (!result.finished || progress === undefined) return { result };
    try {
      await spool.finish();
      const state = { lineBytes: spool.lineBytes, endOfSource: result.endOfSource, files: [] };
      await saveConvertState(folder, state);
      // The checkpoint is what a resume looks for first.
      await new CheckpointFile(folder).save(progress);
      return { result, state, progress };
    } catch (fault) {
      return { result: { ...result, finished: false, fault } };
    }
  } finally {
    await rejects.close();
  }
}
