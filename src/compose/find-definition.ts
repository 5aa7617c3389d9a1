import { readFile } from 'node:fs/promises';
import type { FileSourceFile } from '../adapters/file/file-source.ts';
import { systemWords } from '../adapters/file/system-words.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import { ImportError } from '../domain/import-error.ts';
import { sqlText } from '../input/mysql/sql-text.ts';
import { chooseDefinition, parseTableDefinitions, type TableDefinition } from '../input/mysql/table-definition.ts';

/** The CREATE TABLE of the dump: `--schema`, or the `.sql` beside a `.txt`, as `mysqldump --tab` leaves them. */
export async function findDefinition(
  { schema, format }: ImportOptions,
  file: FileSourceFile,
): Promise<TableDefinition | undefined> {
  if (schema !== undefined) return definitionIn(await readSchema(schema), file);
  if (format === 'csv' || file.path === undefined || !dumpName.test(file.path)) return undefined;
  const beside = await readBeside(file.path.replace(dumpName, '.sql'));
  return beside === undefined ? undefined : definitionIn(beside, file);
}

const dumpName = /\.txt(\.gz|\.zst)?$/;

function definitionIn(text: string, { name }: FileSourceFile): TableDefinition {
  return chooseDefinition(parseTableDefinitions(text), name);
}

async function readSchema(path: string): Promise<string> {
  try {
    return sqlText(await readFile(path), path);
  } catch (cause) {
    if (cause instanceof ImportError) throw cause;
    throw unreadable(`--schema ${path}`, cause, 'Name the .sql file that mysqldump --tab wrote beside the dump.');
  }
}

/** Undefined where there is none. One that is there but can't be read would change the type of every column. */
async function readBeside(path: string): Promise<string | undefined> {
  try {
    return sqlText(await readFile(path), path);
  } catch (cause) {
    if (cause instanceof ImportError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const hint = 'It tells the types of the dump. Run as a user who may read it, or name another with --schema.';
    throw unreadable(path, cause, hint);
  }
}

function unreadable(what: string, cause: unknown, hint: string): ImportError {
  return new ImportError('schema-invalid', `${what} can't be read: ${systemWords(cause, 'there is no such file')}`, {
    hint,
    cause,
  });
}
