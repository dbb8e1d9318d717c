import type { KubeApi } from '../../../../src/kube/api.ts';
import type { KubeObject } from '../../../../src/kube/resource.ts';
import { PROPAGATION_POLICY } from '../../../../src/planes/karmada/resources.ts';
import type { HandBackPace } from '../../../../src/planes/shared/hand-back-pace.ts';
import type { Seen, World } from '../support/world.ts';

export const PARIS_CLEAN = { DE: 400, FR: 50, 'US-MIDA-PJM': 350 };
export const VIRGINIA_CLEAN = { DE: 400, FR: 350, 'US-MIDA-PJM': 50 };

/** Time passes in the world while somebody waits. */
export function paceIn(world: World, more: Partial<HandBackPace> = {}): HandBackPace & { said: string[] } {
  const said: string[] = [];
  return {
    now: () => world.clock.now(),
    pause: (length) => world.advance(length, length),
    timeout: 600_000,
    force: false,
    tell: (line) => void said.push(line),
    said,
    ...more,
  };
}

/** What Windvane has left on a policy. */
export function tracesOn(object: Seen): string[] {
  const annotations = Object.keys(object.metadata.annotations ?? {}).filter(
    (key) => key.startsWith('windvane.dev/') && key !== 'windvane.dev/placement',
  );
  const entries = (object.metadata.managedFields ?? []).filter((entry) => entry.manager === 'windvane');
  return [...annotations, ...entries.map((entry) => `managedFields ${entry.operation}`)];
}

export const policyOf = (world: World, ns: string, name = 'web'): Promise<Seen> =>
  world.get(PROPAGATION_POLICY, ns, name);

/** Server-side apply by whoever `world.user` is. */
export async function applied(api: KubeApi, object: KubeObject, force = false): Promise<void> {
  await api.apply(PROPAGATION_POLICY, object, { force });
}
