import { startSandbox } from '@windvane/sandbox';
import { realAssets, startRealApiServer } from '../../../../../sandbox/test/api/real-apiserver.ts';

/** An API server that a suite runs against. */
export interface TestServer {
  readonly name: string;
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
    start: (crds, now, users = []) => startSandbox({ crds, users, ...(now === undefined ? {} : { now }) }),
  };
  const assets = realAssets();
  if (assets === undefined) {
    process.stdout.write(
      `${suite}: ran on the sandbox only (KUBEBUILDER_ASSETS names no etcd and kube-apiserver)\n`,
    );
    return [sandbox];
  }
  return [sandbox, { name: 'kube-apiserver', start: (crds) => startRealApiServer(assets, crds) }];
}
