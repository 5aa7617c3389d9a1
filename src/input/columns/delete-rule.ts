import type { DeleteWhere, Field } from '../../domain/column.ts';

/** Finds the rows that delete, and says what is read of them. */
export type DeleteRule = {
  readonly fieldIndex: number;
  /** Attributes that are read; the other columns of a row that deletes are not checked. */
  readonly attributes: readonly string[];
  isDelete(field: Field): boolean;
};

/** As in SQL, NULL neither equals a value nor differs from one. */
export function deleteRule(
  where: DeleteWhere,
  sourceNames: readonly string[],
  attributes: readonly string[],
): DeleteRule {
  const fieldIndex = sourceNames.indexOf(where.column);
  return { fieldIndex, attributes, isDelete: compiledTest(where) };
}

function compiledTest({ test, value }: DeleteWhere): (field: Field) => boolean {
  const isValue = equalTo(value);
  switch (test) {
    case 'null':
      return (field) => field === null;
    case 'not-null':
      return (field) => field !== null;
    case 'equals':
      return (field) => field !== null && isValue(field);
    case 'differs':
      return (field) => field !== null && !isValue(field);
  }
}

/** By text. MySQL writes a BIT(1) as one byte, which equals `0` or `1` too. */
function equalTo(value: string): (field: string | Uint8Array) => boolean {
  const texts = [value, ...(value === '0' ? ['\x00'] : []), ...(value === '1' ? ['\x01'] : [])];
  const values = texts.map((text) => Buffer.from(text));
  return (field) => (typeof field === 'string' ? texts.includes(field) : values.some((bytes) => bytes.equals(field)));
}
