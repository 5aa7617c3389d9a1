import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Span, TerminalScreen } from './terminal-screen.ts';

/** Writes `.github/docs/run.svg`, a recording of a rehearsal on a terminal. Started by `npm run record`. */
const picture = '.github/docs/run.svg';
const command = ['import-tokens', 'tokens.csv', '--repository', 'memory', '--key', 'token', '--wps', '20000'];
const columns = 100;
const frameEveryMs = 1000;
const lastFrameMs = 8000;
const [cellWidth, cellHeight, margin] = [8, 18, 16];

type Frame = { readonly atMs: number; readonly lines: readonly (readonly Span[])[] };

const folder = mkdtempSync(join(tmpdir(), 'import-tokens-recording-'));
try {
  const sample = ['dist/bench/bench/sample.mjs', '--rows', '200000', '--out', join(folder, 'tokens.csv')];
  execFileSync(process.execPath, sample, { stdio: 'inherit' });
  const frames = await record();
  writeFileSync(picture, svgOf(frames));
  console.log(`${picture}: ${frames.length} frames`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Runs the command on a pseudo-terminal of util-linux's `script` and copies its screen once a second. */
async function record(): Promise<readonly Frame[]> {
  const run = [process.execPath, resolve('bin/import-tokens.js'), ...command.slice(1)].join(' ');
  const child = spawn('/usr/bin/script', ['-qec', `/usr/bin/stty cols ${columns} rows 60; exec ${run}`, '/dev/null'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '', LANG: 'C.UTF-8' },
  });
  const screen = new TerminalScreen();
  screen.write(`\x1b[1m$ ${command.join(' ')}\x1b[0m\r\n`);
  const frames: Frame[] = [];
  const startedMs = performance.now();
  const look = () => frames.push({ atMs: performance.now() - startedMs, lines: screen.lines() });
  // The folder depends on the machine that records.
  child.stdout.setEncoding('utf8').on('data', (text: string) => screen.write(text.replaceAll(folder, '/data')));
  const timer = setInterval(look, frameEveryMs);
  const exitCode = await new Promise<number | null>((done) => child.on('close', done));
  clearInterval(timer);
  if (exitCode !== 0) throw new Error(`the run that was recorded ended with ${exitCode}`);
  look();
  return frames;
}

/** One group for each frame, for the lines that change. Without animation only the last frame is visible. */
function svgOf(frames: readonly Frame[]): string {
  const first = frames[0]!;
  const isStill = first.lines.map((line, row) =>
    frames.every(({ lines }) => JSON.stringify(lines[row]) === JSON.stringify(line)),
  );
  const totalMs = frames.at(-1)!.atMs + lastFrameMs;
  const width = columns * cellWidth + 2 * margin;
  const height = Math.max(...frames.map(({ lines }) => lines.length)) * cellHeight + 2 * margin;
  const share = (atMs: number) => `${((100 * atMs) / totalMs).toFixed(2)}%`;
  const rules = frames.map((_, i) => {
    const from = i === 0 ? 0 : frames[i]!.atMs;
    const to = frames[i + 1]?.atMs;
    const before = from === 0 ? '' : '0%{visibility:hidden}';
    const after = to === undefined ? '' : `${share(to)}{visibility:hidden}`;
    return `@keyframes f${i}{${before}${share(from)}{visibility:visible}${after}}#f${i}{animation-name:f${i}}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(command.join(' '))}</title>`,
    `<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre}`,
    '.b{font-weight:bold}.d{opacity:.55}.c31{fill:#ff7b72}.c32{fill:#56d364}.c33{fill:#e3b341}.c34{fill:#79c0ff}.c35{fill:#d2a8ff}.c36{fill:#56d4dd}',
    `g{visibility:hidden;animation:${(totalMs / 1000).toFixed(1)}s step-end infinite}#f${frames.length - 1}{visibility:visible}`,
    ...rules,
    '@media(prefers-reduced-motion){g{animation:none}}</style>',
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    ...first.lines.flatMap((spans, row) => (isStill[row] ? lineTexts(spans, row) : [])),
    ...frames.map(
      ({ lines }, i) =>
        `<g id="f${i}">${lines.flatMap((spans, row) => (isStill[row] ? [] : lineTexts(spans, row))).join('')}</g>`,
    ),
    '</svg>\n',
  ].join('\n');
}

function lineTexts(spans: readonly Span[], row: number): string[] {
  return spans.map(({ column, text, bold, dim, colour }) => {
    const looks = [bold && 'b', dim && 'd', colour && `c${colour}`].filter(Boolean).join(' ');
    const x = margin + column * cellWidth;
    const y = margin + row * cellHeight + 13;
    const size = `textLength="${[...text].length * cellWidth}" lengthAdjust="spacingAndGlyphs"`;
    return `<text x="${x}" y="${y}" ${size}${looks === '' ? '' : ` class="${looks}"`} xml:space="preserve">${escaped(text)}</text>`;
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
