import type { Column } from '../../src/domain/column.ts';
import { Row } from '../../src/domain/row.ts';
import type { Token } from '../../src/domain/token.ts';
import { resolveColumns, type SourceType } from '../../src/input/columns/columns.ts';
import { declaredColumn } from '../../src/input/columns/declared-type.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import type { Dialect, FramedRows } from '../../src/input/framed-rows.ts';
import { parseTableDefinitions } from '../../src/input/mysql/definition/table-definition.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import type { TokenEncoder } from '../../src/ports/token-repository.ts';
import { sampleHeader, sampleSchema } from './sample-rows.ts';

export const sampleCsv = csvDialect({
  delimiter: ',',
  quote: '"',
  escape: '"',
  nullText: undefined,
  escapeTold: false,
  nullTold: false,
  header: true,
  maxRowBytes: 4 * 1024 ** 2,
});

export const sampleNames = sampleHeader.split(',');

/** The columns of the sample as its CREATE TABLE declares them. */
export const declaredTypes: Readonly<Record<string, SourceType>> = Object.fromEntries(
  parseTableDefinitions(sampleSchema)[0]!.columns.map((column) => {
    const declared = declaredColumn(column, 'mysql');
    return [column.name, { type: column.type, binary: false, ...(declared !== undefined && { declared }) }];
  }),
);

/** As for a table whose key is the token. */
export function sampleMapper(
  dialect: Dialect,
  encoder: (columns: readonly Column[]) => TokenEncoder,
  sourceTypes: Readonly<Record<string, SourceType>> = {},
): RowMapper {
  const columns = resolveColumns(sampleNames, {
    ...{ types: {}, rename: {}, omit: [], indexes: [], sourceTypes },
    tableKey: [{ name: 'token', type: 'S' }],
  });
  return new RowMapper({
    header: sampleNames,
    ...{ dialect, columns, fieldCount: sampleNames.length, keyNames: ['token'], binary: sampleNames.map(() => false) },
    options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
    encoder: encoder(columns),
  });
}

export function rowAt(rows: FramedRows, i: number): Row {
  const start = rows.starts[i]!;
  return new Row(rows.buffer, start, rows.nexts[i]! - start, 0, i, i, rows.lines[i]!, start);
}

/** All tokens of a sample file in CSV. */
export function sampleTokens(
  chunks: readonly Buffer[],
  encoder: (columns: readonly Column[]) => TokenEncoder,
): Token[] {
  const mapper = sampleMapper(sampleCsv, encoder);
  const framer = sampleCsv.framer('sample', 1);
  const tokens: Token[] = [];
  for (const chunk of chunks) {
    const rows = framer.push(chunk);
    for (let i = 0; i < rows.count; i++) {
      const token = mapper.map(rows, i, rowAt(rows, i));
      // The header is rejected.
      if (token !== undefined) tokens.push(token);
    }
  }
  return tokens;
}
