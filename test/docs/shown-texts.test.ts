import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { commands } from '../../src/cli/commands.ts';
import type { RunSummary } from '../../src/domain/run-summary.ts';
import { summaryText } from '../../src/report/summary-text.ts';
import { completed } from '../report/facts.ts';
import { readRepositoryFile } from './documents.ts';
import { errorTexts } from './error-texts.ts';
import { wrongVoice } from './wrong-voice.ts';

const runDir = 'import-tokens-runs/2026-01-31T02-00-00Z';
const resumeCommand = `import-tokens --resume ${runDir}`;
const rows = completed.rows;
const repair = {
  rows: `${runDir}/rejected.csv`,
  reasons: `${runDir}/rejects.jsonl`,
  importCommand: `import-tokens ${runDir}/rejected.csv --table tokens`,
};

const summaries: Readonly<Record<string, RunSummary>> = {
  completed,
  'completed with rejects': {
    ...completed,
    outcome: 'completed-with-rejects',
    exitCode: 5,
    rows: { ...rows, read: rows.read + 12, rejected: 12 },
    rejects: [
      { code: 'not-a-number', count: 11, first: { line: 1042, column: 'quota' } },
      { code: 'key-empty', count: 1, first: { line: 500, column: 'token' } },
    ],
    report: `${runDir}/report.html`,
    verifyCommand: 'import-tokens verify tokens.csv --table tokens',
    repair,
  },
  'stopped by a signal': {
    ...completed,
    outcome: 'interrupted',
    exitCode: 130,
    rows: { ...rows, read: 4_000_100, written: 4_000_000, superseded: 0, pending: 100 },
    resumeCommand,
  },
  'stopped by too many rejects': {
    ...completed,
    outcome: 'too-many-rejects',
    exitCode: 3,
    rows: { ...rows, read: 4_000_101, written: 4_000_000, superseded: 0, rejected: 101 },
    rejects: [{ code: 'not-a-number', count: 101, first: { line: 1042, column: 'quota' } }],
    report: `${runDir}/report.html`,
    repair,
    resumeCommand: `${resumeCommand} --max-rejects 1010`,
    error: { code: 'too-many-rejects', message: '101 of 4,000,101 rows were rejected; --max-rejects allows 100' },
  },
};

const errors = errorTexts();

test('what an operator reads is as this file has it', async () => {
  await expect(
    [
      'Written by: npx vitest run --config test/vitest.config.ts test/docs/shown-texts -u\n',
      section('import-tokens -h', helpOf(['-h'])),
      ...commands.map(({ name }) => section(`import-tokens ${name} --help`, helpOf([name, '--help']))),
      section('Errors: code, message, hint', errors.map(lines).join('\n')),
      ...Object.entries(summaries).map(([name, summary]) =>
        section(`The final page: ${name}`, summaryText(summary, 100)),
      ),
    ].join('\n'),
  ).toMatchFileSnapshot('./shown-texts.txt');
});

test('every error code has a message', () => {
  const union = /ImportErrorCode =([^;]+);/.exec(readRepositoryFile('src/domain/import-error.ts'))![1]!;
  const codes = Array.from(union.matchAll(/'([a-z-]+)'/g), ([, code]) => code!);
  const shown = new Set(errors.map(({ code }) => code));
  expect(codes.length).toBeGreaterThan(30);
  expect(codes.filter((code) => !shown.has(code))).toEqual([]);
});

test('the short help fits on a terminal of 80 columns and 24 lines', () => {
  const lines = helpOf(['-h']).trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

test.each(commands)('the help of $name is written in plain English', ({ name }) => {
  expect(wrongVoice(helpOf([name, '--help']))).toEqual([]);
});

test('messages and hints are written in plain English', () => {
  expect(
    errors.flatMap(({ message, hint }) => wrongVoice(`${message}\n${hint}`).map((form) => [form, message])),
  ).toEqual([]);
});

function helpOf(argv: readonly string[]): string {
  const commandLine = parseCommandLine(argv);
  if (commandLine.kind !== 'shown') throw new Error(`${argv.join(' ')} shows nothing`);
  return commandLine.text;
}

function lines({ code, message, hint }: ReturnType<typeof errorTexts>[number]): string {
  return `${code}: ${message}\n${hint === '' ? '' : `    ${hint.replaceAll('\n', '\n    ')}\n`}`;
}

function section(title: string, text: string): string {
  return `${'='.repeat(100)}\n${title}\n${'='.repeat(100)}\n\n${text}`;
}
