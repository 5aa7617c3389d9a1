import { compileItemText } from '../../../src/adapters/dynamodb/item/item-text.ts';
import { openRows } from '../../../src/compose/source/open-rows.ts';
import type { OpenedSource } from '../../../src/compose/source/open-source.ts';
import { SourcePlaces } from '../../../src/compose/source/source-places.ts';
import type { FieldValue } from '../../../src/domain/column.ts';
import type { RowFault } from '../../../src/domain/row.ts';
import type { TableInfo } from '../../../src/domain/table.ts';
import { defaults, type ImportOptions } from '../../../src/options/import-options.ts';
import { RowMapper } from '../../../src/pipeline/map-row.ts';
import { BlockRows } from '../../../src/pipeline/take-rows.ts';
import type { OpenedFile } from '../../../src/ports/source.ts';

type ReadRows = {
  /** Values by column; null for what is left out. */
  readonly rows: readonly (readonly (FieldValue | null)[])[];
  readonly rejects: readonly RowFault[];
};

/** What an import with these options makes of a file that is called `t.txt`. Throws ImportError as the import does. */
export async function readRows(bytes: Buffer, changes: Partial<ImportOptions>, table?: TableInfo): Promise<ReadRows> {
  const options = { ...defaults, sources: ['t.txt'], settings: [], given: [], settleMs: 0, ...changes };
  const surroundings = { signal: new AbortController().signal, argv: ['t.txt'], warn: () => {} };
  const opened = await openRows(options, localSource([fileOf(bytes)]), undefined, surroundings);
  const mapped = opened.mapTo(table);
  const mapper = new RowMapper({ ...mapped, encoder: compileItemText(mapped.columns) });
  const rows: (FieldValue | null)[][] = [];
  const rejects: RowFault[] = [];
  for await (const block of opened.blocks) {
    const taken = new BlockRows(block);
    while (taken.advance()) {
      const token = mapper.map(block.rows, taken.index, taken.row(rows.length + rejects.length));
      if (token === undefined) rejects.push(mapper.fault);
      else rows.push(mapper.values.map((value) => value ?? null));
    }
  }
  return { rows, rejects };
}

/** A source of these files, whose table definition may be next to them in the file system. */
export function localSource(files: readonly OpenedFile[]): OpenedSource {
  const stdin = () => {
    throw new Error('Expected standard input not to be asked for');
  };
  const { signal } = new AbortController();
  const surroundings = { env: {}, stdin, warn: () => {}, random: () => 0.5, signal };
  return { files, places: new SourcePlaces(defaults, surroundings) };
}

function fileOf(bytes: Buffer): OpenedFile {
  return {
    ...{ name: 't.txt', path: '/t.txt', mtimeMs: undefined, storedBytes: bytes.length },
    storedBytesRead: () => bytes.length,
    checkUnchanged: async () => {},
    async *read() {
      if (bytes.length > 0) yield bytes;
    },
  };
}
