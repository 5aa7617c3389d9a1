import { jsonText } from '../domain/format.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { terminalColumns } from '../report/format.ts';
import { asksFirst, openQuestion } from './terminal.ts';
import { type Compositions, untilSignal, type World } from './world.ts';

export async function runCapacity(options: ImportOptions, world: World, compositions: Compositions): Promise<number> {
  const { composeCapacity } = await compositions.capacity();
  const warn = (text: string) => world.stderr.write(`${text}\n`);
  const tell = options.quiet ? () => {} : warn;
  const question = openQuestion(world);
  let isUnanswered = false;
  const stopWords = {
    meanwhile: () => (question.isOpen() ? undefined : 'AWS completes what was already requested'),
    stopped: () => (isUnanswered ? ': nothing was changed' : ''),
    hint: 'Check the capacity with import-tokens capacity show.',
  };
  return untilSignal(world, { warn, close() {} }, stopWords, async (signal) => {
    const report = await composeCapacity(options, {
      ...world,
      signal,
      warn,
      tell,
      async confirm(text) {
        const asks = asksFirst(world, { ...options, sources: [] }, 'change the capacity');
        if (asks) warn(text);
        else tell(text);
        const goesOn = !asks || (await question.ask('Go on?', signal));
        isUnanswered = !goesOn;
        return goesOn;
      },
    });
    const { capacityText } = await import('../report/capacity-state.ts');
    world.stdout.write(options.json ? jsonText(report) : capacityText(report, terminalColumns(world.stdout)));
    return report.exitCode;
  });
}
