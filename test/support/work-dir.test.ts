import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { workDir } from './work-dir.ts';

const made: string[] = [];

afterAll(() => {
  for (const path of made) expect(existsSync(path)).toBe(false);
});

test('a script runs in the folder with its arguments, its input and an environment of its own', async () => {
  const dir = workDir();
  made.push(dir.path);
  const script = dir.write(
    'echo.cjs',
    `const { readFileSync } = require('node:fs');
     const { HOME, AWS_REGION, AWS_PROFILE, HTTPS_PROXY, EXTRA } = process.env;
     console.log(JSON.stringify({ cwd: process.cwd(), args: process.argv.slice(2), stdin: readFileSync(0, 'utf8'),
       HOME, AWS_REGION, AWS_PROFILE, HTTPS_PROXY, EXTRA, node: process.execArgv }));
     console.error('to the operator');
     process.exitCode = 7;`,
  );
  const result = await dir.run(['tokens.csv', '--yes'], {
    script,
    stdin: 'a,b\n',
    env: { EXTRA: 'more', AWS_REGION: undefined },
    nodeOptions: ['--max-old-space-size=96'],
  });
  expect(result).toMatchObject({ status: 7, signal: null, stderr: 'to the operator\n' });
  expect(JSON.parse(result.stdout)).toEqual({
    cwd: dir.path,
    args: ['tokens.csv', '--yes'],
    stdin: 'a,b\n',
    HOME: dir.path,
    EXTRA: 'more',
    node: ['--max-old-space-size=96'],
  });
});

test('a live process can be waited for, fed and killed', async () => {
  const dir = workDir();
  made.push(dir.path);
  const script = dir.write(
    'wait.cjs',
    `process.stdin.on('data', (d) => console.log('heard ' + d)); console.log('up');`,
  );
  const running = dir.spawn([], { script });
  await running.until('up');
  running.child.stdin.write('this');
  await running.until('heard this');
  running.child.kill('SIGKILL');
  expect(await running.ended).toMatchObject({ status: null, signal: 'SIGKILL' });
});

test('waiting for a text fails with all output if the process ends without it', async () => {
  const dir = workDir();
  made.push(dir.path);
  const script = dir.write('short.cjs', `console.log('only this');`);
  const running = dir.spawn([], { script, stdin: '' });
  await expect(running.until('something else')).rejects.toThrow('only this');
});

test('a process still alive at the end of the test is ended with its folder', async () => {
  const dir = workDir();
  made.push(dir.path);
  const script = dir.write('hang.cjs', `console.log('hanging'); setInterval(() => {}, 1000);`);
  await dir.spawn([], { script }).until('hanging');
  expect(existsSync(join(dir.path, 'hang.cjs'))).toBe(true);
});

test('files are written with the folders they need and read back', () => {
  const dir = workDir();
  made.push(dir.path);
  dir.write('deep/er/file.bin', Uint8Array.of(0, 255));
  expect(dir.readBytes('deep/er/file.bin')).toEqual(Buffer.of(0, 255));
  dir.write('text', 'grün');
  expect(dir.read('text')).toBe('grün');
});
