import type { ScalingSuspension } from '../../src/domain/table.ts';
import type { OwnAnswer } from './fault-proxy.ts';
import { success } from './plain-table/answers.ts';

type Suspended = {
  DynamicScalingInSuspended: boolean;
  DynamicScalingOutSuspended: boolean;
  ScheduledScalingSuspended: boolean;
};

/** A server of Application Auto Scaling for some resources: `{ 'table/tokens': … }`. */
export class AutoScalingService {
  readonly #suspended: Map<string, Suspended>;

  constructor(suspended: Readonly<Record<string, ScalingSuspension>>) {
    this.#suspended = new Map(
      Object.entries(suspended).map(([resource, { scaleIn, scaleOut, scheduled }]) => [
        resource,
        {
          DynamicScalingInSuspended: scaleIn,
          DynamicScalingOutSuspended: scaleOut,
          ScheduledScalingSuspended: scheduled,
        },
      ]),
    );
  }

  suspended(resource: string): ScalingSuspension {
    const state = this.#suspended.get(resource)!;
    return {
      scaleIn: state.DynamicScalingInSuspended,
      scaleOut: state.DynamicScalingOutSuspended,
      scheduled: state.ScheduledScalingSuspended,
    };
  }

  readonly answer: OwnAnswer = (operation, body) => {
    if (operation === 'DescribeScalableTargets') {
      const asked = body['ResourceIds'] as string[];
      return success({ ScalableTargets: asked.flatMap((resource) => this.#describe(resource)) });
    }
    if (operation !== 'RegisterScalableTarget') return undefined;
    this.#suspended.set(body['ResourceId'] as string, body['SuspendedState'] as Suspended);
    return success({});
  };

  /** Reads scale too, and an import must not touch that. */
  #describe(resource: string): object[] {
    const SuspendedState = this.#suspended.get(resource);
    if (SuspendedState === undefined) return [];
    const kind = resource.includes('/index/') ? 'index' : 'table';
    const target = { ServiceNamespace: 'dynamodb', ResourceId: resource, MinCapacity: 5, MaxCapacity: 100 };
    return [
      { ...target, ScalableDimension: `dynamodb:${kind}:WriteCapacityUnits`, SuspendedState },
      { ...target, ScalableDimension: `dynamodb:${kind}:ReadCapacityUnits` },
    ];
  }
}
