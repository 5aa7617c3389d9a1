import { checkConvertedFolder, convertedFolder } from '../../adapters/file/convert/converted-folder.ts';
import { isS3Url } from '../../adapters/s3/s3-url.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { ConvertedFiles } from '../../ports/converted-files.ts';
import { openS3Connection } from '../open-connection.ts';
import type { ConvertSurroundings } from '../surroundings.ts';

/** A place that files can be put in once the run has a directory. */
export type OpenedPlace = {
  files(runDirectory: string): ConvertedFiles;
  close(): Promise<void>;
};

/**
 * Opens the folder or prefix of `--to`. Throws ImportError `usage` if a new run would find files in the folder, and what a
 * connection to S3 fails with.
 */
export async function openPlace(
  options: ImportOptions,
  isNew: boolean,
  surroundings: ConvertSurroundings,
): Promise<OpenedPlace> {
  const to = options.to!;
  if (!isS3Url(to)) {
    if (isNew) await checkConvertedFolder(to);
    return { files: () => convertedFolder(to), close: async () => {} };
  }
  const { convertedPrefix, parseConvertedPrefix } = await import('../../adapters/s3/converted-prefix.ts');
  parseConvertedPrefix(to);
  const connection = await openS3Connection(options, surroundings);
  return {
    files: (stagingFolder) => convertedPrefix(connection, to, { ...surroundings, stagingFolder }),
    close: () => connection.close(),
  };
}
