import { createHash } from 'node:crypto';
import type { Instant } from '@windvane/carbon-map';
import { formatDuration } from '../config/duration.ts';
import type { ScalerView } from './view.ts';

/** A view as it goes over the wire, with a tag that is the same for the same content. */
export interface ViewDocument {
  readonly body: string;
  /** Strong, in quotes (RFC 9110, section 8.8.3). */
  readonly etag: string;
}

/** Instants become RFC 3339 and lengths of time text, as in the GraphQL API. */
export function viewDocument(view: ScalerView): ViewDocument {
  const content = {
    version: view.version,
    issuedAt: text(view.issuedAt),
    frozen: view.frozen,
    cluster: view.cluster,
    zones: view.zones.map(({ current, forecast, history, ...zone }) => ({
      ...zone,
      current:
        current === null
          ? null
          : {
              ...current,
              validFrom: text(current.validFrom),
              validTo: text(current.validTo),
              fetchedAt: text(current.fetchedAt),
            },
      forecast:
        forecast === null
          ? null
          : {
              source: forecast.source,
              issuedAt: text(forecast.issuedAt),
              resolution: formatDuration(forecast.resolution),
              points: forecast.points.map(({ at, gramsPerKwh }) => ({ at: text(at), gramsPerKwh })),
            },
      history: history === null ? null : { start: text(history.start), values: history.values },
    })),
    shares: view.shares.map((share) => ({
      ...share,
      since: share.since === null ? null : text(share.since),
    })),
  };
  const body = JSON.stringify(content);
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}

/** Whether one of the tags of an If-None-Match header is this one; a weak tag counts as its strong one. */
export function tagMatches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

function text(at: Instant): string {
  return new Date(at).toISOString();
}
