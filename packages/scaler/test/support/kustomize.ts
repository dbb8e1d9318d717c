import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { KubeObject } from '@windvane/controller/kube';
import { parseAllDocuments } from 'yaml';
import { kubectlBinary } from '../../../sandbox/test/api/kubectl.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** The manifests that `kubectl apply -k` would send. */
export async function kustomize(folder: string): Promise<KubeObject[]> {
  const text = execFileSync(await kubectlBinary(), ['kustomize', `${ROOT}${folder}`], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document): KubeObject => document.toJS());
}

/** Creates an object as the administrator, checked strictly: `accepted`, or what the server says. */
export async function post(url: string, object: KubeObject): Promise<string> {
  const { apiVersion = '', kind = '', metadata } = object;
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const { resources }: { resources: { name: string; kind: string; namespaced: boolean }[] } = await (
    await fetch(`${url}${root}`)
  ).json();
  const resource = resources.find((each) => each.kind === kind && !each.name.includes('/'));
  if (resource === undefined) return `${apiVersion} ${kind} is not served`;
  const place = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
  const answer = await fetch(`${url}${root}${place}/${resource.name}?fieldValidation=Strict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(object),
  });
  return answer.ok ? 'accepted' : `${kind} ${metadata.name}: ${await answer.text()}`;
}
