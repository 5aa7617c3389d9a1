import { createReadStream } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { parse } from 'csv-parse';
import pLimit from 'p-limit';

/** The pipeline of a careful user: csv-parse with columns, DocumentClient, batches of 25, 64 in flight. */
const [file, endpoint] = process.argv.slice(2);
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: endpoint! }));
const limit = pLimit(64);
const inFlight = new Set<Promise<void>>();
let batch: Record<string, string>[] = [];

for await (const row of createReadStream(file!).pipe(parse({ columns: true }))) {
  batch.push(row as Record<string, string>);
  if (batch.length === 25) await send();
}
if (batch.length > 0) await send();
await Promise.all(inFlight);

async function send(): Promise<void> {
  const items = batch;
  batch = [];
  const writing = limit(async () => {
    let requests = items.map((Item) => ({ PutRequest: { Item } }));
    while (requests.length > 0) {
      const reply = await client.send(new BatchWriteCommand({ RequestItems: { tokens: requests } }));
      requests = (reply.UnprocessedItems?.['tokens'] ?? []) as typeof requests;
    }
  }).finally(() => inFlight.delete(writing));
  inFlight.add(writing);
  if (inFlight.size >= 64) await Promise.race(inFlight);
}
