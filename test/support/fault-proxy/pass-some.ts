import type { Answer } from '../plain-table/answers.ts';
import { type Random, randomBelow, shuffled } from '../seeded-random.ts';
import type { Backend, WireRequest } from './backend.ts';

type KeysOf = { readonly Keys: readonly unknown[] };

/** Passes a request; of a BatchGetItem it passes only some keys, as often as `handBack` says, and leaves the rest unprocessed. */
export async function passSome(
  request: WireRequest,
  { random, backend, handBack }: { random: Random; backend: Backend; handBack: number },
): Promise<Answer> {
  if (request.operation !== 'BatchGetItem' || random() >= handBack) return backend.pass(request);
  const [[table, asked]] = Object.entries(request.parsed['RequestItems'] as Record<string, KeysOf>) as [
    [string, KeysOf],
  ];
  const keys = shuffled(random, asked.Keys);
  const passed = keys.slice(0, randomBelow(random, keys.length));
  const left = { [table]: { ...asked, Keys: keys.slice(passed.length) } };
  if (passed.length === 0) return { status: 200, body: JSON.stringify({ Responses: {}, UnprocessedKeys: left }) };
  const parsed = { ...request.parsed, RequestItems: { [table]: { ...asked, Keys: passed } } };
  const answer = await backend.pass({ ...request, parsed, body: Buffer.from(JSON.stringify(parsed)) });
  if (answer.status !== 200) return answer;
  return { status: 200, body: JSON.stringify({ ...JSON.parse(answer.body), UnprocessedKeys: left }) };
}
