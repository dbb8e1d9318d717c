import { startSandbox } from '../../../src/index.ts';
import { realAssets, startRealApiServer } from '../../api/real-apiserver.ts';

/** An API server to run the stand-ins against. */
export interface TestServer {
  readonly name: string;
  /** Whether owners take their dependants along: kube-controller-manager's part, which a lone server lacks. */
  readonly collectsGarbage: boolean;
  start(crds: readonly string[]): Promise<{
    kubeconfig(): string;
    resourceVersion?: () => string | number;
    stop(): Promise<void>;
  }>;
}

const sandbox: TestServer = {
  name: 'sandbox',
  collectsGarbage: true,
  start: (crds) => startSandbox({ crds }),
};

/** The sandbox always, a real kube-apiserver when `KUBEBUILDER_ASSETS` names one. */
export const servers: readonly TestServer[] = [
  sandbox,
  ...[realAssets()]
    .filter((folder) => folder !== undefined)
    .map((folder) => ({
      name: 'kube-apiserver',
      collectsGarbage: false,
      start: (crds: readonly string[]) => startRealApiServer(folder, crds),
    })),
];
