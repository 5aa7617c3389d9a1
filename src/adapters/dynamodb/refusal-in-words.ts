/** What the service says when it refuses an item, and what we say: its own text may quote values. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/item size .*exceed/i, 'the item is larger than 400 KB'],
  [/aggregated size of all range keys|size of rangekey/i, 'a sort key is longer than 1,024 bytes'],
  [/size of hashkey/i, 'a partition key is longer than 2,048 bytes'],
  [/empty (string|binary) value/i, 'a key attribute is empty'],
  [/type mismatch for index key/i, 'a key attribute of an index does not have the type the index asks for'],
  [/type mismatch for key/i, 'a key attribute does not have the type the table asks for'],
  [/missing the key|key element does not match the schema/i, "the item does not match the table's key"],
  [/contains duplicates/i, 'the batch holds a key twice'],
  [/more than 38 significant digits/i, 'a number has more than 38 significant digits'],
  [/number (over|under)flow/i, 'a number is out of range'],
  [/numeric value|converted into a number/i, 'a number is not written as one'],
  [/nesting level/i, 'a JSON value is nested deeper than 32 levels'],
  [/item collection/i, 'the items of one partition key with a local index exceed 10 GB'],
  [/too many items|less than or equal to 25/i, 'the batch holds more than 25 items'],
];

/** A message that names no value of the row. */
export function refusalInWords(type: string, serviceText: string): string {
  if (type === 'ItemCollectionSizeLimitExceededException')
    return refusals.find(([on]) => on.test('item collection'))![1];
  const known = refusals.find(([pattern]) => pattern.test(serviceText));
  return known === undefined ? `the table refuses it (${type})` : known[1];
}
