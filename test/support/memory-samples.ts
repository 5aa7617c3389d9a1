/** Bytes that an importer held after this number of rows. */
export type MemorySample = { readonly row: number; readonly resident: number; readonly external: number };

/**
 * A script for `node --require`: fifty times a second it writes to `memory.jsonl` how far the source is read and how
 * much memory the process holds.
 */
export function memorySampler(source: string): string {
  return `
    const fs = require('node:fs');
    const file = fs.openSync('memory.jsonl', 'w');
    let sourceFd;
    setInterval(() => {
      sourceFd ??= fs.readdirSync('/proc/self/fd').find((fd) => {
        try { return fs.readlinkSync('/proc/self/fd/' + fd) === ${JSON.stringify(source)}; } catch { return false; }
      });
      let position;
      try { position = Number(/pos:\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/fdinfo/' + sourceFd, 'utf8'))[1]); }
      catch { sourceFd = undefined; return; }
      const { rss, external } = process.memoryUsage();
      fs.writeSync(file, JSON.stringify({ position, rss, external }) + '\\n');
    }, 20).unref();
  `;
}

/** `text` is what the sampler wrote for a source of `bytes` bytes and `rows` rows. */
export function readMemorySamples(text: string, sourceBytes: number, rows: number): MemorySample[] {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => {
    const { position, rss, external } = JSON.parse(line);
    return { row: (position / sourceBytes) * rows, resident: rss, external };
  });
}

/** Peak resident memory up to a row. */
export function peakUpTo(samples: readonly MemorySample[], row: number): number {
  return Math.max(...samples.filter((sample) => sample.row <= row).map(({ resident }) => resident));
}

export function mb(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
