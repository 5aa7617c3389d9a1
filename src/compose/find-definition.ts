import { readFile } from 'node:fs/promises';
import type { FileSourceFile } from '../adapters/file/file-source.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import { ImportError } from '../domain/import-error.ts';
import { chooseDefinition, parseTableDefinitions, type TableDefinition } from '../input/table-definition.ts';

/** The CREATE TABLE of the dump: `--schema`, or the `.sql` beside a `.txt`, as `mysqldump --tab` leaves them. */
export async function findDefinition(
  { schema, format }: ImportOptions,
  file: FileSourceFile,
): Promise<TableDefinition | undefined> {
  if (schema !== undefined) return chooseDefinition(parseTableDefinitions(await readSchema(schema)), file.name);
  if (format === 'csv' || file.path === undefined || !dumpName.test(file.path)) return undefined;
  const beside = await readFile(file.path.replace(dumpName, '.sql'), 'utf8').catch(() => undefined);
  return beside === undefined ? undefined : chooseDefinition(parseTableDefinitions(beside), file.name);
}

const dumpName = /\.txt(\.gz|\.zst)?$/;

async function readSchema(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ImportError(
      'schema-invalid',
      `--schema ${path} can't be read: ${(cause as NodeJS.ErrnoException).code}`,
      {
        hint: 'Name the .sql file that mysqldump --tab wrote beside the dump.',
        cause,
      },
    );
  }
}
