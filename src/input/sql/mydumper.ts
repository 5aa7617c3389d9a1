import { ImportError } from '../../domain/import-error.ts';

/** The files of one table in a mydumper folder. */
export type MydumperTable = {
  readonly database: string;
  readonly name: string;
  /** Its CREATE TABLE. */
  readonly schemaFile?: string;
  /** Its rows, in the order in which they are read; empty for an empty table. */
  readonly rowFiles: readonly string[];
};

const packed = String.raw`(?:\.gz|\.zst)?$`;
const schemaFile = new RegExp(String.raw`^([^.]+)\.(.+)-schema\.sql${packed}`);
/** `db-schema-create.sql`, triggers, views. */
const otherFile = new RegExp(String.raw`-schema-(?:create|triggers|view|post)\.sql${packed}`);
const rowFile = new RegExp(String.raw`^([^.]+)\.(.+?)((?:\.\d{5,})*)\.sql${packed}`);
const unreadableRows = /\.(?:dat|csv|tsv|json)(?:\.gz|\.zst)?$/;
const metadataNames = ['metadata', 'metadata.partial'];

/** Whether a file of this name holds rows, if mydumper wrote it. */
export function isRowFile(name: string): boolean {
  return !otherFile.test(name) && !schemaFile.test(name) && rowFile.test(name);
}

/** Possible names of the file with the CREATE TABLE for a file of rows; none if mydumper did not write it. */
export function schemaFileNames(rowFileName: string): readonly string[] {
  const [, database, table] = (isRowFile(rowFileName) && rowFile.exec(rowFileName)) || [];
  if (database === undefined) return [];
  return ['', '.gz', '.zst'].map((packing) => `${database}.${table}-schema.sql${packing}`);
}

/** Whether mydumper wrote a folder with these files. */
export function isMydumperFolder(names: readonly string[]): boolean {
  return names.some((name) => metadataNames.includes(name)) && names.some((name) => name.includes('.sql'));
}

/**
 * The tables of a folder with these files, in alphabetical order. Throws ImportError `source-unsupported` for folders of
 * MySQL Shell, and for rows that mydumper did not write as SQL.
 */
export function mydumperTables(names: readonly string[], folder: string): readonly MydumperTable[] {
  refuseOthers(names, folder);
  const tables = new Map<string, { database: string; name: string; schemaFile?: string; rowFiles: RowFile[] }>();
  const tableOf = (database: string, name: string) => {
    const key = `${database}.${name}`;
    const table = tables.get(key) ?? { database, name, rowFiles: [] };
    tables.set(key, table);
    return table;
  };
  for (const name of names) {
    if (otherFile.test(name)) continue;
    const schema = schemaFile.exec(name);
    const rows = schema === null ? rowFile.exec(name) : null;
    if (schema !== null) tableOf(schema[1]!, schema[2]!).schemaFile = name;
    else if (rows !== null) tableOf(rows[1]!, rows[2]!).rowFiles.push({ name, chunk: chunkOf(rows[3]!) });
  }
  return [...tables.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, table]) => ({ ...table, rowFiles: table.rowFiles.sort(byChunk).map(({ name }) => name) }));
}

/** Whether `metadata` says that the dump was finished; mydumper writes that line last. */
export function isFinished(metadata: string): boolean {
  return /^(?:# )?Finished dump at: *\d{4}-\d\d-\d\d \d\d:\d\d:\d\d *\r?$/m.test(metadata);
}

type RowFile = { readonly name: string; readonly chunk: readonly number[] };

function chunkOf(numbers: string): readonly number[] {
  return numbers.split('.').slice(1).map(Number);
}

function byChunk(a: RowFile, b: RowFile): number {
  for (let i = 0; i < Math.max(a.chunk.length, b.chunk.length); i++) {
    const difference = (a.chunk[i] ?? -1) - (b.chunk[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return a.name < b.name ? -1 : 1;
}

function refuseOthers(names: readonly string[], folder: string): void {
  if (names.includes('@.json')) {
    throw new ImportError('source-unsupported', `${folder} is a dump of MySQL Shell, which cannot be read`, {
      hint: 'Dump the table with mysqldump or mydumper.',
    });
  }
  const rows = names.find((name) => unreadableRows.test(name));
  if (rows === undefined) return;
  const message = `${folder} holds ${rows}, and only rows that mydumper wrote as SQL can be read`;
  throw new ImportError('source-unsupported', message, { hint: 'Dump without --load-data and --csv.' });
}
