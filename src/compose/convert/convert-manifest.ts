import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFault, writeThrough } from '../../adapters/file/durable-file.ts';
import { jsonText } from '../../domain/format.ts';
import type { RowCounts } from '../../domain/run-summary.ts';
import { shapingOptions } from '../../options/complete-options.ts';
import type { ConvertedFile, ConvertedFiles } from '../../ports/converted-files.ts';
import { manifestFile, type RunFolder } from '../run/run-folder.ts';
import type { MappedRows } from '../source/map-columns.ts';
import type { OpenedRows } from '../source/open-rows.ts';

const manifestName = 'manifest.json';

/** Puts the manifest, which says what the files hold and that they are all there. Throws as `ConvertedFiles.put` does. */
export async function putManifest(
  files: ConvertedFiles,
  { runId, createdAt, options }: RunFolder,
  { source, format }: OpenedRows,
  { key, columns }: MappedRows,
  rows: RowCounts,
  made: readonly ConvertedFile[],
): Promise<void> {
  const text = jsonText({
    version: 1,
    runId,
    createdAt,
    inputFormat: 'DYNAMODB_JSON',
    inputCompressionType: 'GZIP',
    table: options.table,
    key,
    columns: columns.map(({ sourceName, name, type }) => ({ sourceName, name, type })),
    source: source.files.map(manifestFile),
    format,
    options: shapingOptions(options),
    rows,
    files: made,
  });
  const staged = join(files.stagingFolder, `.${manifestName}.tmp`);
  await writeThrough(staged, text).catch(async (error: unknown) => {
    await rm(staged, { force: true });
    throw diskFault(staged, error);
  });
  const sha256 = createHash('sha256').update(text).digest('hex');
  await files.put(staged, { name: manifestName, bytes: Buffer.byteLength(text), sha256 });
}
