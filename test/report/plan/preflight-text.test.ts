import { expect, test } from 'vitest';
import { pageColumns } from '../../../src/report/format.ts';
import { preflightText } from '../../../src/report/plan/preflight-text.ts';
import { preflightFacts } from '../facts.ts';

test('before the first write everything is told that could be a surprise', () => {
  expect(preflightText(preflightFacts)).toBe(`\
About to import into the DynamoDB table tokens
  source       tokens-1.csv (1.2 GB), then standard input
  format       csv with a header row
  account      123456789012
  region       eu-west-1
  endpoint     https://dynamodb.eu-west-1.amazonaws.com
  table        arn:aws:dynamodb:eu-west-1:123456789012:table/tokens
  holds        1,234,567 items (150 MB) as of AWS's last count
  billing      provisioned, 25,000 write units a second
  index        by-user, 30,000 write units a second
  rate         20,000 write units a second: --wps 20000
  key          token
  columns      token S, user_id N as user
  a put        replaces the whole item: attributes that the source does not have are gone
  run dir      import-tokens-runs/2026-01-31T02-00-00Z
  given        --wps 20000 --no-header
  by default   --concurrency 64 --batch-size 25
`);
});

test('a rehearsal says so, and names no account', () => {
  const { tableInfo, runDir, ...facts } = preflightFacts;
  const text = preflightText({
    ...facts,
    repository: 'memory',
    endpoint: '',
    settings: [],
    rateLimit: { writeUnitsPerSecond: null, chosen: 'neither --wps nor --memory-wcu is given' },
  });
  expect(text).toBe(`\
About to import into memory: a rehearsal, nothing is written to DynamoDB
  source       tokens-1.csv (1.2 GB), then standard input
  format       csv with a header row
  rate         unlimited: neither --wps nor --memory-wcu is given
  key          token
  columns      token S, user_id N as user
  a put        replaces the whole item: attributes that the source does not have are gone
`);
});

test('where the table may not be described, what is not known is said', () => {
  const { tableInfo, ...facts } = preflightFacts;
  const origins = { regionFrom: 'AWS_REGION', credentials: 'profile "prod"' };
  expect(preflightText({ ...facts, ...origins, region: 'eu-west-1' })).toContain(
    '  credentials  profile "prod"\n  region       eu-west-1, from AWS_REGION\n',
  );
  const text = preflightText({ ...facts, region: 'eu-west-1' });
  expect(text).toContain('  account      not known: the table could not be described\n  region       eu-west-1\n');
  expect(text).not.toContain('holds');
});

test('objects of S3 are told with their count, size, region, order and versions', () => {
  const s3 = { objects: 12, storedBytes: 3_100_000_000, region: 'eu-central-1', versions: 12 };
  expect(preflightText({ ...preflightFacts, s3 }, 120)).toContain(
    '  from S3      12 objects (3.1 GB) in eu-central-1, those of a prefix in the order of their keys; 12 pinned to a version\n',
  );
  expect(preflightText({ ...preflightFacts, s3: { ...s3, objects: 1, versions: 0 } })).toContain(
    '  from S3      1 object (3.1 GB) in eu-central-1\n',
  );
});

test('a resumed run tells how far it was', () => {
  const text = preflightText({ ...preflightFacts, resumed: { rowsDone: 5_000_000 } });
  expect(text).toContain('About to go on importing into the DynamoDB table tokens\n');
  expect(text).toContain('  resumed      5,000,000 rows done before\n');
});

test('on demand, what the table is limited to and warm for is told', () => {
  const { provisionedWriteUnits, ...table } = preflightFacts.tableInfo!;
  const text = preflightText({
    ...preflightFacts,
    tableInfo: { ...table, billing: 'on-demand', maxWriteUnits: 40_000, warmWriteUnits: 12_000 },
  });
  expect(text).toContain(
    '  billing      on-demand, at most 40,000 write units a second, warm for 12,000 write units a second\n',
  );
});

test('many columns and many files stay readable', () => {
  const columns = Array.from({ length: 60 }, (_, index) => ({
    sourceName: `column_${index}`,
    name: `column_${index}`,
    type: 'S' as const,
  }));
  const sources = Array.from({ length: 1000 }, (_, index) => ({ name: `part-${index}.csv` }));
  const lines = preflightText({ ...preflightFacts, columns, sources }).split('\n');
  expect(lines.every((line) => line.length <= 110)).toBe(true);
  const words = lines.join(' ').replace(/ +/g, ' ');
  expect(words).toContain('column_59 S');
  expect(words).toContain('then part-19.csv, and 980 more');
});

test.each([40, 60, 110])('on %d columns it wraps between words, and only what is one word is wider', (columns) => {
  const chosen = 'the table has 25,000 write units provisioned, less 20% of --reserve, and so it goes on';
  const rateLimit = { writeUnitsPerSecond: 20_000, chosen };
  const text = preflightText({ ...preflightFacts, rateLimit }, columns);
  const wide = text.split('\n').filter((line) => line.length > columns);
  expect(wide.filter((line) => /\S \S/.test(line.slice(15)))).toEqual([]);
  const words = (page: string) => page.split(/\s+/);
  expect(words(text)).toEqual(words(preflightText({ ...preflightFacts, rateLimit })));
  expect(text).toContain('\n  run dir      import-tokens-runs/2026-01-31T02-00-00Z\n');
});

test.each([
  [true, 20, 40],
  [true, 40, 40],
  [true, 80, 80],
  [true, 200, 110],
  [false, 80, 110],
])('a page on a terminal (%s) of %d columns has %d', (isTerminal, columns, expected) => {
  expect(pageColumns({ isTerminal, columns: () => columns })).toBe(expected);
});

test('names from the source cannot write to the terminal', () => {
  const text = preflightText({
    ...preflightFacts,
    sources: [{ name: 'a\u001b[2J.csv' }],
    columns: [{ sourceName: 'x\r', name: 'y\u0007', type: 'S' }],
  });
  expect(text).toContain('x\\u000d S as y\\u0007');
  expect(text).not.toMatch(/[\u0007\r\u001b]/);
});
