import { readFileSync } from 'node:fs';
import { stages } from './stages.ts';

/**
 * Measures one stage in a process of its own, so that no stage is compiled for the shapes of another:
 * `stage NAME FILE ROWS` goes through the file as often as it takes and prints the CPU seconds of the second half.
 */
const [name, path, rows] = process.argv.slice(2);
const text = readFileSync(path!);
const chunks: Buffer[] = [];
for (let start = 0; start < text.length; start += 65_536) chunks.push(text.subarray(start, start + 65_536));

const pass = stages[name!]!(chunks);
// The first half pays for compilation, which a long run does only once.
await passes(Number(rows) / 4);
const before = process.cpuUsage();
const done = await passes(Number(rows));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ rows: done, cpuSeconds: (user + system) / 1e6 }));

async function passes(atLeast: number): Promise<number> {
  let done = 0;
  while (done < atLeast) done += await pass();
  return done;
}
