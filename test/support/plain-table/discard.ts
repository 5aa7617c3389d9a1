import { type Answer, success } from './answers.ts';
import { consumedCapacity } from './consumed-capacity.ts';
import type { TableSchema } from './table-schema.ts';

const putRequest = '"PutRequest"';

/** Counts the puts in the text of a batch without parsing it. */
export function putsIn(body: string | Buffer): number {
  let count = 0;
  for (let at = body.indexOf(putRequest); at !== -1; at = body.indexOf(putRequest, at + putRequest.length)) count++;
  return count;
}

/** The answer to a discarded batch: nothing handed back, one write unit for each item. */
export function discardedAnswer(schema: TableSchema, count: number): Answer {
  const consumed = consumedCapacity(schema, { table: count, indexes: {} }, 'INDEXES');
  return success({ UnprocessedItems: {}, ConsumedCapacity: consumed });
}
