import { isAbort } from '../domain/import-error.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { tellSummary } from './run-import.ts';
import { askingPassword } from './terminal.ts';
import { untilSignal } from './until-signal.ts';
import type { Compositions, World } from './world.ts';

export async function runConvert(options: ImportOptions, world: World, compositions: Compositions): Promise<number> {
  const [{ composeConvert }, { openScreen }] = await Promise.all([
    compositions.convert(),
    import('../report/watch/screen.ts'),
  ]);
  const screen = openScreen(world.stderr, options);
  let isObserved = false;
  const stopWords = {
    meanwhile: () => 'no further file is made',
    stopped: () => ' before the first row',
  };
  return untilSignal(world, screen, stopWords, async (signal) => {
    const summary = await composeConvert(options, {
      ...world,
      stdin: world.stdin.bytes,
      signal,
      warn: screen.warn,
      ...askingPassword(world, signal),
      observe(run) {
        isObserved = true;
        return screen.observe(run);
      },
    }).catch((error: unknown) => {
      throw signal.aborted && !isObserved && !isAbort(error, signal) ? signal.reason : error;
    });
    screen.close(summary);
    return tellSummary(summary, options, world);
  });
}
