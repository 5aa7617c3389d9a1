import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { importerCommand } from './importer-command.ts';
import { type RunToSearch, searchForPlanted, type WrittenFile } from './planted.ts';
import { onPseudoTerminal } from './pseudo-terminal.ts';

export type RunOptions = {
  /** Added to the dummy credentials; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to standard input, which is then closed; without it standard input is empty. */
  readonly stdin?: string | Uint8Array;
  /** Options for Node itself, `--max-old-space-size=96`. */
  readonly nodeOptions?: readonly string[];
  /** Working directory, if not the folder itself. */
  readonly cwd?: string;
  /** Run this script instead of the importer. */
  readonly script?: string;
  /** Leave out the `--yes` that an import gets here, where nobody is there to be asked. */
  readonly mayAsk?: boolean;
  /** Run it on a pseudo-terminal of this width, if there is one; all output is then standard output. */
  readonly terminalColumns?: number;
};

type Ending = { readonly status: number | null; readonly signal: NodeJS.Signals | null };
export type RunResult = Ending & { readonly stdout: string; readonly stderr: string };

/** A live importer, with all output so far. */
export type Running = {
  readonly child: ChildProcessWithoutNullStreams;
  stdout(): string;
  stderr(): string;
  /** Resolves once the text has been seen on either stream; rejects when the process ends without it. */
  until(text: string): Promise<void>;
  readonly ended: Promise<RunResult>;
};

export type WorkDir = {
  readonly path: string;
  /** Writes a file, with the folders it needs, and returns its path. */
  write(name: string, content: string | Uint8Array): string;
  read(name: string): string;
  readBytes(name: string): Buffer;
  /** Runs the importer in this folder until it ends. */
  run(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts the importer in this folder. Standard input stays open unless `stdin` is given. */
  spawn(args: readonly string[], options?: RunOptions): Running;
  /** Ends what still runs, searches everything for planted values and deletes the folder; called automatically at the end of the test. */
  remove(): Promise<void>;
};

export type WorkDirOptions = {
  /** The folder outlives its test, until `remove` is called. */
  readonly keep?: boolean;
  /** What no output and no file may hold, if the sources cannot hold the value of `planted.ts`. */
  readonly planted?: readonly string[];
};

/** A fresh folder for one test. */
export function workDir(options: WorkDirOptions = {}): WorkDir {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'import-tokens-test-')));
  const running = new Set<Running>();
  const written: WrittenFile[] = [];
  const runs: RunToSearch[] = [];

  const start = (args: readonly string[], settings: RunOptions): Running => {
    const process = startImporter(path, args, settings);
    const { stdin = '', script } = settings;
    running.add(process);
    process.ended.then((result) => {
      running.delete(process);
      runs.push({
        args,
        isImporter: script === undefined,
        result,
        sources: [...written.map(({ content }) => content), stdin],
      });
    });
    return process;
  };
  const remove = async (): Promise<void> => {
    const ending = [...running].map((process) => {
      process.child.kill('SIGKILL');
      return process.ended;
    });
    await Promise.all(ending);
    // A test may remove it before it ends.
    if (!existsSync(path)) return;
    try {
      searchForPlanted(path, runs, written, options.planted);
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  };
  if (!options.keep) onTestFinished(remove);

  return {
    path,
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      written.push({ name, content });
      return file;
    },
    read: (name) => readFileSync(join(path, name), 'utf8'),
    readBytes: (name) => readFileSync(join(path, name)),
    run: (args, settings = {}) => start(args, { stdin: '', ...settings }).ended,
    spawn: (args, settings = {}) => start(args, settings),
    remove,
  };
}

function startImporter(cwd: string, args: readonly string[], options: RunOptions): Running {
  const importer = importerCommand(options.nodeOptions, options.script);
  const plain = { ...importer, args: [...importer.args, ...args, ...consent(args, options)] };
  const command = options.terminalColumns === undefined ? plain : onPseudoTerminal(plain, options.terminalColumns);
  const env = environment(cwd, { ...command.env, ...options.env });
  const child = spawn(command.file, command.args, { cwd: options.cwd ?? cwd, env });
  const waiting = new Set<() => void>();
  const stdout = collect(child.stdout, waiting);
  const stderr = collect(child.stderr, waiting);

  // A process may end before it has read its input, which closes the pipe.
  child.stdin.on('error', () => {});
  if (options.stdin !== undefined) child.stdin.end(options.stdin);

  let over = false;
  const ended = new Promise<RunResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      over = true;
      for (const check of waiting) check();
      resolve({ status, signal, stdout: stdout(), stderr: stderr() });
    });
  });
  const until = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = () => {
        const seen = stdout().includes(text) || stderr().includes(text);
        if (!seen && !over) return;
        waiting.delete(check);
        if (seen) resolve();
        else reject(new Error(`the importer ended without saying "${text}":\n${stdout()}${stderr()}`));
      };
      waiting.add(check);
      check();
    });
  return { child, stdout, stderr, until, ended };
}

/** Without a terminal an import into DynamoDB is refused unless it is told yes, and so is a change of capacity. */
function consent(args: readonly string[], { script, mayAsk = false }: RunOptions): readonly string[] {
  const [command = '', verb] = args;
  const isRead = ['plan', 'verify', 'convert', 'status', 'report', 'completion', 'help'].includes(command);
  const keepsCapacity =
    command === 'capacity' && verb !== 'set' && verb !== 'warm' && !(verb === 'restore' && args.includes('--wcu'));
  const isTold = args.some((arg) => ['--yes', '-y', '--help', '-h', '--version', '--dry-run'].includes(arg));
  const isRehearsal = args.includes('memory');
  return script !== undefined || mayAsk || isRead || keepsCapacity || isTold || isRehearsal ? [] : ['--yes'];
}

function collect(stream: NodeJS.ReadableStream, waiting: ReadonlySet<() => void>): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    for (const check of waiting) check();
  });
  return () => Buffer.concat(chunks).toString();
}

/** Only what a process needs, so that no credential, proxy or colour setting of the machine reaches a test. */
function environment(home: string, extra: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const env: Record<string, string | undefined> = {
    HOME: home,
    PATH: process.env['PATH'],
    TMPDIR: process.env['TMPDIR'],
    LANG: process.env['LANG'],
    NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'],
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...extra,
  };
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}
