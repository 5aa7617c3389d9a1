import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { type SampleSettings, sampleChunks } from './sample-rows.ts';

const usage = `Usage: npm run --silent sample -- [--rows N] [--seed S] [--repeat-keys P%] [--out FILE]

Writes a CSV of N tokens (200000 unless given), about 120 bytes a row, to FILE or standard output. The same seed gives
the same bytes. With --repeat-keys that share of the rows repeats an earlier key, some keys very often.`;

class UsageError extends Error {}

try {
  await main();
} catch (cause) {
  process.exitCode = exitCodeOf(cause);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '200000' },
      seed: { type: 'string', default: '1' },
      'repeat-keys': { type: 'string', default: '0%' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  const settings: SampleSettings = {
    rows: wholeNumber('--rows', values.rows),
    seed: wholeNumber('--seed', values.seed),
    repeatedShare: percent('--repeat-keys', values['repeat-keys']) / 100,
  };
  const output = values.out === undefined ? process.stdout : createWriteStream(values.out);
  await pipeline(Readable.from(sampleChunks(settings), { highWaterMark: 1 }), output);
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new UsageError(`${flag} needs a whole number`);
  return Number(text);
}

function percent(flag: string, text: string): number {
  const value = Number(/^(\d+(?:\.\d+)?)%?$/.exec(text)?.[1]);
  if (!(value <= 100)) throw new UsageError(`${flag} needs a percentage, such as 5%`);
  return value;
}

function exitCodeOf(cause: unknown): number {
  const { code, message } = cause as NodeJS.ErrnoException;
  // A reader that closes the pipe, such as `head`, is not an error.
  if (code === 'EPIPE') return 0;
  const misused = cause instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true;
  console.error(misused ? `${message}\n\n${usage}` : message);
  return misused ? 2 : 1;
}
