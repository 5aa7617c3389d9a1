import { expect } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';

/** The words are a mistake of usage, told so, with such a hint or with none. */
export function expectRefused(argv: readonly string[], message: string, hint: string | undefined): void {
  expect(() => parseCommandLine(argv)).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: expect.stringContaining(message),
      hint: hint === undefined ? undefined : expect.stringContaining(hint),
    }),
  );
}
