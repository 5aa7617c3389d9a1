import type { Column, ColumnType, FieldValue } from '../../src/domain/column.ts';
import { Row } from '../../src/domain/row.ts';
import type { KeyAttribute } from '../../src/domain/table.ts';
import { keyOf, keyPart, type Token } from '../../src/domain/token.ts';
import type { TokenEncoder } from '../../src/ports/token-repository.ts';

/** One column for each name, in order. */
export function columnsOf(types: Readonly<Record<string, ColumnType>>): Column[] {
  return Object.entries(types).map(([name, type], fieldIndex) => ({ sourceName: name, fieldIndex, name, type }));
}

/** A token as the pipeline makes it from mapped values. */
export function makeToken(
  encoder: TokenEncoder,
  columns: readonly Column[],
  key: readonly KeyAttribute[],
  values: readonly FieldValue[],
  deletes = false,
): Token {
  const payload = deletes ? encoder.encodeDelete!(values) : encoder.encode(values);
  const keyParts = key.map(({ name, type }) => {
    const value = values[columns.findIndex((column) => column.name === name)];
    return keyPart(type, value as string | Uint8Array);
  });
  return {
    key: keyOf(keyParts[0]!, keyParts[1]),
    writeUnits: 1,
    deletes,
    bodyBytes: encoder.bodyBytes(payload),
    row: noRow,
    payload,
  };
}

const noRow = new Row(new Uint8Array(), 0, 0, 0, 0, 1, 1, 0);
