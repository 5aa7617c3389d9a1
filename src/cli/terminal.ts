import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { usageError } from '../domain/import-error.ts';
import type { ImportOptions } from '../options/import-options.ts';
import type { TerminalLook } from '../report/watch/live-view.ts';
import type { World } from './world.ts';

type Question = {
  /** Whether it waits for the answer. */
  isOpen(): boolean;
  /** Asks on the terminal; resolves true for yes. */
  ask(text: string, signal: AbortSignal): Promise<boolean>;
};

/**
 * Whether someone is to be asked before anything is changed; with `--yes` nobody is. Throws ImportError `usage` if nobody
 * can be: standard input is not a terminal, or holds the rows.
 * @param change what `--yes` would let happen: `import into tokens (000000000000, us-east-1)`
 */
export function asksFirst({ stdin }: World, { yes, sources }: ImportOptions, change: string): boolean {
  if (yes) return false;
  const holdsRows = sources.includes('-');
  if (stdin.isTerminal && !holdsRows) return true;
  const why = holdsRows ? 'standard input holds the rows' : 'not a terminal';
  throw usageError(`${why}, so nothing was asked`, `Pass --yes to ${change}.`);
}

/** Asks on standard error, or on standard output if only that is a terminal: `2> log` must not hide a question. */
export function openQuestion({ stdin, stdout, stderr }: World): Question {
  let isOpen = false;
  const output = !stderr.isTerminal && stdout.isTerminal ? stdout : stderr;
  return {
    isOpen: () => isOpen,
    async ask(text, signal) {
      output.write(`${text} [y/N] `);
      isOpen = true;
      const answer = await stdin.readLine(signal);
      isOpen = false;
      if (answer === undefined) output.write('\n');
      return /^\s*y(es)?\s*$/i.test(answer ?? '');
    },
  };
}

/**
 * The next line of `input`, or undefined when it ends or `signal` aborts. The terminal mode does not change, so that
 * Ctrl-C stays a signal.
 */
export function readLine(input: NodeJS.ReadableStream, signal: AbortSignal): Promise<string | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return lineOf(createInterface({ input, terminal: false }), signal);
}

/**
 * The next line of a terminal, which does not show what is typed; undefined where it ends or `signal` aborts.
 * `interrupt`: for Ctrl-C, which is no signal while the terminal hides what is typed.
 */
export function readHiddenLine(
  input: NodeJS.ReadableStream,
  signal: AbortSignal,
  interrupt: () => void,
): Promise<string | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  lines.once('SIGINT', interrupt);
  return lineOf(lines, signal);
}

function lineOf(lines: Interface, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const close = () => lines.close();
    signal.addEventListener('abort', close, { once: true });
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => {
      signal.removeEventListener('abort', close);
      resolve(undefined);
    });
  });
}

/** What reading a source needs of the process, besides what is particular to its command. */
export function readingIn(world: World, signal: AbortSignal, warn: (message: string) => void) {
  return { ...world, stdin: world.stdin.bytes, signal, warn, ...askingPassword(world, signal) };
}

/** How passwords are asked for, each once in a process; empty if nobody is there to answer. */
function askingPassword({ stdin, stderr }: World, signal: AbortSignal) {
  if (!stdin.isTerminal || !stderr.isTerminal) return {};
  const answers = new Map<string, Promise<string | undefined>>();
  const askPassword = (question: string): Promise<string | undefined> => {
    const asked = answers.get(question);
    if (asked !== undefined) return asked;
    // An answer can follow the question at once, so the terminal has to hide it by then.
    const answer = stdin.readHiddenLine(signal).finally(() => stderr.write('\n'));
    stderr.write(question);
    answers.set(question, answer);
    return answer;
  };
  return { askPassword };
}

/** What the terminal of this environment can show, with NO_COLOR as in https://no-color.org. */
export function terminalLook(env: Readonly<Record<string, string | undefined>>, platform: string): TerminalLook {
  const redraws = env['TERM'] !== 'dumb';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return {
    redraws,
    colors: redraws && !env['NO_COLOR'],
    // Only Linux shows it in the locale; terminals of other systems support Unicode.
    unicode: platform !== 'linux' || /utf-?8/i.test(locale ?? ''),
  };
}
