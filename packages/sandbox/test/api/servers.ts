import { startSandbox } from '../../src/index.ts';
import { type ApiServer, realAssets, startRealApiServer } from './real-apiserver.ts';

/** A server that a suite runs against, not yet started. */
export interface ServerUnderTest {
  readonly name: string;
  readonly start: (crds?: readonly string[]) => Promise<ApiServer>;
}

/** The sandbox alone, for what an API server does not do by itself. */
export const sandboxUnderTest: ServerUnderTest = {
  name: 'sandbox',
  async start(crds = []) {
    const running = await startSandbox({ crds });
    return {
      name: 'sandbox',
      url: running.url,
      headers: {},
      ca: undefined,
      kubeconfig: running.kubeconfig,
      stop: running.stop,
    };
  },
};

/**
 * The sandbox, and a real kube-apiserver when `KUBEBUILDER_ASSETS` names a folder with one.
 * Says so in one line when there is none.
 */
export function serversUnderTest(suite: string): ServerUnderTest[] {
  const assets = realAssets();
  if (assets === undefined) {
    process.stdout.write(
      `${suite}: ran on the sandbox only (KUBEBUILDER_ASSETS names no etcd and kube-apiserver)\n`,
    );
    return [sandboxUnderTest];
  }
  return [sandboxUnderTest, { name: 'kube-apiserver', start: (crds) => startRealApiServer(assets, crds) }];
}
