import { startSandbox } from '@windvane/sandbox';
import { realAssets, startRealApiServer } from '../../../../../sandbox/test/api/real-apiserver.ts';

/** An API server that a suite runs against. */
export interface TestServer {
  readonly name: string;
  /** Whether owners take their dependants along: kube-controller-manager's part, which a lone server lacks. */
  readonly collectsGarbage: boolean;
  start(
    crds: readonly string[],
    now?: () => number,
    users?: readonly string[],
  ): Promise<{
    /** Of the administrator, or of one of its users where there are any. */
    kubeconfig(user?: string): string;
    resourceVersion?: () => string | number;
    stop(): Promise<void>;
  }>;
}

/** The sandbox always, a real kube-apiserver when `KUBEBUILDER_ASSETS` names a folder with one. */
export function testServers(suite: string): readonly TestServer[] {
  const sandbox: TestServer = {
    name: 'sandbox',
    collectsGarbage: true,
    start: (crds, now, users = []) => startSandbox({ crds, users, ...(now === undefined ? {} : { now }) }),
  };
  const assets = realAssets();
  if (assets === undefined) {
    process.stdout.write(
      `${suite}: ran on the sandbox only (KUBEBUILDER_ASSETS names no etcd and kube-apiserver)\n`,
    );
    return [sandbox];
  }
  const real: TestServer = {
    name: 'kube-apiserver',
    collectsGarbage: false,
    start: (crds) => startRealApiServer(assets, crds),
  };
  return [sandbox, real];
}
