import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { sampleChunks } from './sample-rows.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    'repeat-keys': { type: 'string', default: '0%' },
    out: { type: 'string' },
  },
});

/** Writes a token CSV: `sample --rows N --seed S [--repeat-keys P%] [--out FILE]`, by default to standard output. */
const output = values.out === undefined ? process.stdout : createWriteStream(values.out);
// A reader that has enough, such as `head`, is no fault.
output.on('error', () => process.exit(0));
const settings = {
  rows: Number(values.rows),
  seed: Number(values.seed),
  repeatedShare: Number.parseFloat(values['repeat-keys']) / 100,
};
for (const chunk of sampleChunks(settings)) {
  if (!output.write(chunk)) await once(output, 'drain');
}
if (values.out !== undefined) output.end();
