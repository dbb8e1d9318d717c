import { X509Certificate } from 'node:crypto';
import { DAY } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { oid } from '../../src/certificates/der.ts';
import { issue } from '../../src/certificates/issue.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const NAME = 'windvane-scaler-webhook.windvane-system.svc';

describe('certificates of the webhook', () => {
  const { ca, cert } = issue([NAME, 'other.svc'], NOW, 90 * DAY);
  const authority = new X509Certificate(ca);
  const server = new X509Certificate(cert);

  it('come from an authority of their own, which may sign nothing below itself', () => {
    expect(authority.ca).toBe(true);
    expect(server.ca).toBe(false);
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
  });

  it('are for the names of the Service and for servers alone', () => {
    expect(server.checkHost(NAME)).toBe(NAME);
    expect(server.checkHost('other.svc')).toBe('other.svc');
    expect(server.checkHost('elsewhere.svc')).toBeUndefined();
    // id-kp-serverAuth
    expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('hold for as long as asked, and a little before', () => {
    expect(Date.parse(server.validFrom)).toBe(NOW - 600_000);
    expect(Date.parse(server.validTo)).toBe(NOW + 90 * DAY);
    expect(Number.parseInt(server.serialNumber, 16)).toBeGreaterThan(0);
  });

  it('are never alike', () => {
    const other = issue([NAME], NOW, DAY);
    expect(new X509Certificate(other.cert).serialNumber).not.toBe(server.serialNumber);
    expect(server.checkIssued(new X509Certificate(other.ca))).toBe(false);
  });

  it('encodes identifiers with arcs of several bytes', () => {
    expect(oid('1.2.840.113549').toString('hex')).toBe('06062a864886f70d');
  });
});
