import { isObject, type JsonObject, type KubeObject } from '../object.ts';
import type { Cell, Column } from './column.ts';
import { coreCells } from './core-cells.ts';
import { age } from './duration.ts';
import { read, text } from './values.ts';
import { workloadCells } from './workload-cells.ts';

const AGE: Cell = ['Age', (object, now) => age(object.metadata.creationTimestamp, now)];
const CREATED: Cell = ['Created At', (object) => object.metadata.creationTimestamp];

/** Columns by `apiVersion/Kind`. */
const CELLS: Readonly<Record<string, readonly Cell[]>> = {
  ...coreCells,
  ...workloadCells,
  'v1/ServiceAccount': [AGE],
  'v1/LimitRange': [CREATED],
  'apps/v1/ControllerRevision': [
    ['Controller', (object) => controller(object)],
    ['Revision', (object) => object['revision']],
    AGE,
  ],
  'networking.k8s.io/v1/IngressClass': [
    ['Controller', (object) => text(read(object, 'spec', 'controller'))],
    ['Parameters', () => '<none>'],
    AGE,
  ],
  'rbac.authorization.k8s.io/v1/Role': [CREATED],
  'rbac.authorization.k8s.io/v1/ClusterRole': [CREATED],
  'rbac.authorization.k8s.io/v1/RoleBinding': bindingCells(),
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': bindingCells(),
  'coordination.k8s.io/v1/Lease': [['Holder', (object) => text(read(object, 'spec', 'holderIdentity'))], AGE],
  'apiextensions.k8s.io/v1/CustomResourceDefinition': [CREATED],
};

/** The columns that the real server shows for a built-in kind, without the name. */
export function builtinColumns(kind: string): Column[] {
  return (CELLS[kind] ?? [AGE]).map(([heading, cell]) => ({
    name: heading.replace(/[+#]+$/, ''),
    type: heading === 'Created At' ? 'date' : heading.includes('#') ? 'integer' : 'string',
    format: heading === 'Name+' ? 'name' : '',
    description: '',
    priority: heading.endsWith('+') ? 1 : 0,
    cell,
  }));
}

function controller(object: KubeObject): string {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
  return owner === undefined ? '<none>' : `${owner.kind.toLowerCase()}/${owner.name}`;
}

function bindingCells(): Cell[] {
  const subjects = (kind: string) => (object: KubeObject) => {
    const all: unknown[] = Array.isArray(object['subjects']) ? object['subjects'] : [];
    return all
      .filter((subject): subject is JsonObject => isObject(subject) && subject['kind'] === kind)
      .map(({ name, namespace }) =>
        kind === 'ServiceAccount' ? `${text(namespace)}/${text(name)}` : text(name),
      )
      .join(', ');
  };
  return [
    ['Role', (object) => `${text(read(object, 'roleRef', 'kind'))}/${text(read(object, 'roleRef', 'name'))}`],
    AGE,
    ['Users+', subjects('User')],
    ['Groups+', subjects('Group')],
    ['ServiceAccounts+', subjects('ServiceAccount')],
  ];
}
