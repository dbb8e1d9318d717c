import { HOUR, MINUTE } from '@windvane/carbon-map';
import type { KubeObject } from '@windvane/controller/kube';
import { describe, expect, it } from 'vitest';
import { viewJob } from '../../src/gate/job.ts';

const CREATED = Date.parse('2022-05-10T12:00:00Z');

function job(metadata: object = {}, spec: object = {}): KubeObject {
  return {
    metadata: {
      name: 'report',
      namespace: 'batch',
      creationTimestamp: '2022-05-10T12:00:00Z',
      labels: { 'windvane.dev/gate': 'true' },
      ...metadata,
    },
    spec: { suspend: true, ...spec },
  };
}
const annotated = (annotations: Record<string, string>): KubeObject => job({ annotations });

describe('a Job at the gate', () => {
  it('goes by its annotations', () => {
    expect(viewJob(annotated({ 'windvane.dev/start-by': '12h', 'windvane.dev/duration': '90m' }))).toEqual({
      kind: 'gated',
      createdAt: CREATED,
      latestStart: CREATED + 12 * HOUR,
      duration: 90 * MINUTE,
      plannedStart: null,
      status: '',
      mistakes: [],
    });
  });

  it('starts at once where nobody says how long it may wait', () => {
    expect(viewJob(job())).toMatchObject({ latestStart: CREATED, duration: HOUR });
  });

  it.each([
    ['is not labelled', job({ labels: {} })],
    ['is labelled so', job({ labels: { 'windvane.dev/gate': 'false' } })],
    ['runs', job({}, { suspend: false })],
    ['never was suspended', job({}, { suspend: undefined })],
    ['is being deleted', job({ deletionTimestamp: '2022-05-10T13:00:00Z' })],
    ['was let go before', annotated({ 'windvane.dev/released-at': '2022-05-10T13:00:00Z' })],
  ])('is left alone when it %s', (_why, object) => {
    expect(viewJob(object)).toEqual({ kind: 'none' });
  });

  it('belongs to Karmada or Kueue where they manage it', () => {
    const labels = { 'windvane.dev/gate': 'true' };
    expect(viewJob(job({ labels: { ...labels, 'karmada.io/managed': 'true' } }))).toMatchObject({
      kind: 'left',
      reason: 'UseDispatch',
    });
    expect(viewJob(job({ labels: { ...labels, 'kueue.x-k8s.io/queue-name': 'q' } }))).toMatchObject({
      kind: 'left',
      reason: 'LeftToKueue',
    });
  });

  it('goes by the defaults and says so when an annotation cannot be read', () => {
    const view = viewJob(
      annotated({
        'windvane.dev/start-by': 'soon',
        'windvane.dev/duratoin': '2h',
        'windvane.dev/objective': 'cost',
      }),
    );
    expect(view).toMatchObject({ latestStart: CREATED, duration: HOUR });
    expect(view).toMatchObject({
      mistakes: [
        'windvane.dev/duratoin has no effect on a gated Job: did you mean windvane.dev/duration?',
        'windvane.dev/objective has no effect on a gated Job: write windvane.dev/start-by or windvane.dev/duration',
        'windvane.dev/start-by must be a duration up to 30d, for example 12h, got "soon"',
      ],
    });
  });
});
