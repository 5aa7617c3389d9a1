import { seededRandom } from '../support/seeded-random.ts';

export type SampleSettings = {
  readonly rows: number;
  readonly seed: number;
  /** Share of the rows, from 0 to 1, that repeat an earlier key; half of the repeats fall on a few hot keys. */
  readonly repeatedShare: number;
};

export const sampleHeader = 'token,user_id,created_at,expires_at,scope,status';

const scopes = ['read:profile', 'read:profile write:profile', 'offline_access', 'admin:tokens read:audit'];
const statuses = ['active', 'active', 'active', 'revoked'];
const rowsPerChunk = 10_000;
const hotKeys = 5;

/** Token rows as CSV text, about 120 bytes each, in chunks of 10,000; the same for the same settings. */
export function* sampleChunks({ rows, seed, repeatedShare }: SampleSettings): Generator<string> {
  const random = seededRandom(seed);
  let chunk = `${sampleHeader}\n`;
  for (let row = 0; row < rows; row++) {
    chunk += `${tokenOf(keyOf(row, repeatedShare, random), seed)},${rowTail(row, random)}\n`;
    if ((row + 1) % rowsPerChunk !== 0) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** The CREATE TABLE that the sample could have been dumped from. */
export const sampleSchema = `CREATE TABLE tokens (
  token varchar(64) NOT NULL PRIMARY KEY, user_id bigint NOT NULL, created_at datetime NOT NULL,
  expires_at datetime DEFAULT NULL, scope varchar(255) DEFAULT NULL, status enum('active','revoked') NOT NULL
);
`;

/** A sample as `mysqldump --tab` writes it; it holds nothing that has to be escaped. */
export function tabText(csv: readonly Buffer[]): Buffer[] {
  const text = Buffer.concat(csv).toString('latin1');
  return chunksOf(text.slice(text.indexOf('\n') + 1).replaceAll(',', '\t'));
}

/** A sample as mysqldump writes it: INSERT statements of about a megabyte. */
export function sqlText(csv: readonly Buffer[]): Buffer[] {
  const rows = Buffer.concat(csv).toString('latin1').trimEnd().split('\n').slice(1);
  let text = sampleSchema;
  for (let from = 0; from < rows.length; from += rowsPerStatement) {
    const tuples = rows.slice(from, from + rowsPerStatement).map((row) => {
      const [token, userId, ...others] = row.split(',');
      return `('${token}',${userId},'${others.join("','")}')`;
    });
    text += `INSERT INTO \`tokens\` VALUES ${tuples.join(',')};\n`;
  }
  return chunksOf(text);
}

const rowsPerStatement = 8000;

/** The last lines of a whole dump of mysqldump. */
export const endOfDump = '-- Dump completed\n';

function chunksOf(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const chunks: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += 65_536) chunks.push(bytes.subarray(start, start + 65_536));
  return chunks;
}

/** Half of the repeats fall on the hot keys. */
function keyOf(row: number, repeatedShare: number, random: () => number): number {
  if (repeatedShare === 0 || row === 0 || random() >= repeatedShare) return row;
  return Math.floor(random() * (random() < 0.5 ? Math.min(row, hotKeys) : row));
}

/** 44 characters that differ for each key: a multiplication by an odd number permutes 32 bits. */
function tokenOf(key: number, seed: number): string {
  const high = Math.imul(key ^ seed, 0x9e3779b1) >>> 0;
  const low = Math.imul(key + seed, 0x85ebca6b) >>> 0;
  return `tok_${hex(high)}${hex(low)}${hex(high ^ low)}${hex(Math.imul(high, 3) >>> 0)}${hex(key)}`;
}

function rowTail(row: number, random: () => number): string {
  const created = 1_600_000_000 + ((row * 37) % 100_000_000);
  const scope = scopes[Math.floor(random() * scopes.length)];
  const status = statuses[Math.floor(random() * statuses.length)];
  return `${1_000_000 + (row % 5_000_000)},${dateTime(created)},${dateTime(created + 31_536_000)},${scope},${status}`;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

const days = new Map<number, string>();

/** `2020-09-13 12:26:40`; the day is looked up, since a Date for each row would cost more than the row. */
function dateTime(epochSeconds: number): string {
  const day = Math.floor(epochSeconds / 86_400);
  let text = days.get(day);
  if (text === undefined) {
    text = new Date(day * 86_400_000).toISOString().slice(0, 10);
    days.set(day, text);
  }
  const second = epochSeconds % 86_400;
  return `${text} ${two(second / 3600)}:${two((second / 60) % 60)}:${two(second % 60)}`;
}

function two(value: number): string {
  const whole = Math.floor(value);
  return whole < 10 ? `0${whole}` : `${whole}`;
}
