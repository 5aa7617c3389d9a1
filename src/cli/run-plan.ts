import { jsonText } from '../domain/json-text.ts';
import { formatNoun } from '../report/format.ts';
import type { Plan, PlanProgress } from '../report/plan.ts';
import type { Invocation } from './commands.ts';
import type { Compositions } from './compositions.ts';
import { isAbort, signalExitCode, stopOnSignal } from './stop-signal.ts';
import type { World } from './world.ts';
import { writeFault } from './write-fault.ts';

export async function runPlan({ options }: Invocation, world: World, { plan: load }: Compositions): Promise<number> {
  // The SDK takes a profile's endpoint_url only from the profile that the environment names.
  if (options.profile !== undefined) world.setEnv('AWS_PROFILE', options.profile);
  const [{ composePlan }, { openScreen }] = await Promise.all([load(), import('../report/screen.ts')]);
  const { progress, logLevel, logFormat, quiet } = options;
  const screen = openScreen({ ...world.stderr, progress, logLevel, logFormat, quiet });
  const { warn } = screen;
  const stop = stopOnSignal(world, { meanwhile: () => 'there will be no plan', warn, close: () => screen.close() });
  let reading: PlanProgress | undefined;
  try {
    const plan = await composePlan(options, {
      env: world.env,
      cwd: world.cwd,
      stdin: world.stdin.bytes,
      observe: (progress) => {
        reading = progress;
        screen.observePlan(progress);
      },
      signal: stop.signal,
      warn,
    });
    screen.close();
    return await tellPlan(plan, options.json, world);
  } catch (error) {
    screen.close();
    if (!isAbort(error, stop.signal)) throw error;
    writeFault(
      `stopped by ${stop.signal.reason} after ${formatNoun(reading?.figures().rowsRead ?? 0, 'row')}: no plan`,
      undefined,
      world,
    );
    return signalExitCode(stop.signal);
  } finally {
    stop.unlisten();
  }
}

async function tellPlan(plan: Plan, asJson: boolean, world: World): Promise<number> {
  const [{ planText }, { pageColumns }] = await Promise.all([
    import('../report/plan-text.ts'),
    import('../report/columns.ts'),
  ]);
  world.stdout.write(asJson ? jsonText(plan) : planText(plan, pageColumns(world.stdout)));
  return plan.exitCode;
}
