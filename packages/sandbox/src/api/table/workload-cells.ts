import type { KubeObject } from '../object.ts';
import type { Cell } from './column.ts';
import { age, humanDuration } from './duration.ts';
import { count, labelText, objects, read, selectorText, text } from './values.ts';

const AGE: Cell = ['Age', (object, now) => age(object.metadata.creationTimestamp, now)];
const SELECTOR: Cell = ['Selector+', (object) => selectorText(read(object, 'spec', 'selector'))];

/** The names and images of the containers in a pod template. */
function containers(...template: readonly string[]): Cell[] {
  const all = (field: string) => (object: KubeObject) =>
    objects(read(object, ...template, 'spec', 'containers'))
      .map((container) => text(container[field]))
      .join(',');
  return [
    ['Containers+', all('name')],
    ['Images+', all('image')],
  ];
}

function status(field: string) {
  return (object: KubeObject): number => count(read(object, 'status', field));
}

function ready(object: KubeObject): string {
  return `${count(read(object, 'status', 'readyReplicas'))}/${count(read(object, 'spec', 'replicas'))}`;
}

/** Columns of the kinds that run pods. */
export const workloadCells: Readonly<Record<string, readonly Cell[]>> = {
  'apps/v1/Deployment': [
    ['Ready', ready],
    ['Up-to-date', status('updatedReplicas')],
    ['Available', status('availableReplicas')],
    AGE,
    ...containers('spec', 'template'),
    SELECTOR,
  ],
  'apps/v1/ReplicaSet': [
    ['Desired#', (object) => count(read(object, 'spec', 'replicas'))],
    ['Current#', status('replicas')],
    ['Ready#', status('readyReplicas')],
    AGE,
    ...containers('spec', 'template'),
    SELECTOR,
  ],
  'apps/v1/StatefulSet': [['Ready', ready], AGE, ...containers('spec', 'template')],
  'apps/v1/DaemonSet': [
    ['Desired#', status('desiredNumberScheduled')],
    ['Current#', status('currentNumberScheduled')],
    ['Ready#', status('numberReady')],
    ['Up-to-date#', status('updatedNumberScheduled')],
    ['Available#', status('numberAvailable')],
    ['Node Selector', (object) => labelText(read(object, 'spec', 'template', 'spec', 'nodeSelector'))],
    AGE,
    ...containers('spec', 'template'),
    SELECTOR,
  ],
  'batch/v1/Job': [
    ['Status', jobStatus],
    ['Completions', completions],
    ['Duration', jobDuration],
    AGE,
    ...containers('spec', 'template'),
    SELECTOR,
  ],
  'batch/v1/CronJob': [
    ['Schedule', (object) => text(read(object, 'spec', 'schedule'))],
    ['Timezone', (object) => text(read(object, 'spec', 'timeZone')) || '<none>'],
    ['Suspend', (object) => (read(object, 'spec', 'suspend') === true ? 'True' : 'False')],
    ['Active#', (object) => objects(read(object, 'status', 'active')).length],
    [
      'Last Schedule',
      (object, now) => {
        const last = read(object, 'status', 'lastScheduleTime');
        return last === undefined ? '<none>' : age(last, now);
      },
    ],
    AGE,
    ...containers('spec', 'jobTemplate', 'spec', 'template'),
    ['Selector+', (object) => selectorText(read(object, 'spec', 'jobTemplate', 'spec', 'selector'))],
  ],
  'v1/Pod': [
    ['Ready', podReady],
    ['Status', (object) => text(read(object, 'status', 'reason')) || text(read(object, 'status', 'phase'))],
    ['Restarts', restarts],
    AGE,
    ['IP+', (object) => text(read(object, 'status', 'podIP')) || '<none>'],
    ['Node+', (object) => text(read(object, 'spec', 'nodeName')) || '<none>'],
    ['Nominated Node+', (object) => text(read(object, 'status', 'nominatedNodeName')) || '<none>'],
    ['Readiness Gates+', () => '<none>'],
  ],
};

function jobCondition(job: KubeObject, type: string): boolean {
  return objects(read(job, 'status', 'conditions')).some(
    (condition) => condition['type'] === type && condition['status'] === 'True',
  );
}

function jobStatus(job: KubeObject): string {
  if (jobCondition(job, 'Complete')) return 'Complete';
  if (jobCondition(job, 'Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (jobCondition(job, 'Suspended')) return 'Suspended';
  return jobCondition(job, 'FailureTarget') ? 'FailureTarget' : 'Running';
}

function completions(job: KubeObject): string {
  const succeeded = count(read(job, 'status', 'succeeded'));
  const wanted = read(job, 'spec', 'completions');
  if (typeof wanted === 'number') return `${succeeded}/${wanted}`;
  const parallelism = count(read(job, 'spec', 'parallelism'));
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: KubeObject, now: number): string {
  const start = text(read(job, 'status', 'startTime'));
  if (start === '') return '';
  const end = text(read(job, 'status', 'completionTime'));
  return humanDuration(((end === '' ? now : Date.parse(end)) - Date.parse(start)) / 1000);
}

function podReady(pod: KubeObject): string {
  const statuses = objects(read(pod, 'status', 'containerStatuses'));
  const readyCount = statuses.filter((container) => container['ready'] === true).length;
  return `${readyCount}/${objects(read(pod, 'spec', 'containers')).length}`;
}

function restarts(pod: KubeObject): string {
  const statuses = objects(read(pod, 'status', 'containerStatuses'));
  return String(statuses.reduce((sum, container) => sum + count(container['restartCount']), 0));
}
