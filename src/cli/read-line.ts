import { createInterface } from 'node:readline';

/**
 * The next line of `input`, or undefined where it ends or `signal` aborts. The terminal is left as it is, so that
 * Ctrl-C stays a signal.
 */
export function readLine(input: NodeJS.ReadableStream, signal: AbortSignal): Promise<string | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const lines = createInterface({ input, terminal: false });
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
