import { jsonText } from '../domain/format.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { formatNoun, pageColumns } from '../report/format.ts';
import type { Plan, PlanProgress } from '../report/plan/plan-text.ts';
import { readingIn } from './terminal.ts';
import { type Compositions, untilSignal, type World } from './world.ts';

export async function runPlan(options: ImportOptions, world: World, compositions: Compositions): Promise<number> {
  const [{ composePlan }, { openScreen }] = await Promise.all([
    compositions.plan(),
    import('../report/watch/screen.ts'),
  ]);
  const screen = openScreen(world.stderr, options);
  let reading: PlanProgress | undefined;
  const stopWords = {
    meanwhile: () => 'there will be no plan',
    stopped: () => ` after ${formatNoun(reading?.figures().rowsRead ?? 0, 'row')}: no plan`,
  };
  return untilSignal(world, screen, stopWords, async (signal) => {
    const plan = await composePlan(options, {
      ...readingIn(world, signal, screen.warn),
      observe(progress) {
        reading = progress;
        screen.observePlan(progress);
      },
    });
    screen.close();
    return tellPlan(plan, options.json, world);
  });
}

async function tellPlan(plan: Plan, asJson: boolean, world: World): Promise<number> {
  const { planText } = await import('../report/plan/plan-text.ts');
  world.stdout.write(asJson ? jsonText(plan) : planText(plan, pageColumns(world.stdout)));
  return plan.exitCode;
}
