import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import { bits, boolean, integer, octets, oid, sequence, set, tagged, time, utf8 } from './der.ts';

/** A server's identity and the authority that vouches for it, all in PEM. The authority's key is not kept. */
export interface Issued {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SUBJECT_ALT_NAME = '2.5.29.17';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** Bits of KeyUsage, from the left. */
const DIGITAL_SIGNATURE = Buffer.from([0x80]);
const CERT_SIGN = Buffer.from([0x04]);

/** Clocks of others may be behind. */
const BACKDATE: Millis = 10 * MINUTE;

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * Makes an authority of its own for one certificate (RFC 5280; ECDSA on P-256 with SHA-256). Each renewal has
 * another authority, so that its key can be forgotten at once.
 *
 * @param names DNS names of the server
 */
export function issue(names: readonly string[], now: Instant, validFor: Millis): Issued {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = { from: now - BACKDATE, until: now + validFor };
  // Two authorities with one name would be told apart by nobody.
  const issuer = `windvane-scaler-ca-${randomBytes(4).toString('hex')}`;
  const ca = certificate({
    subject: issuer,
    issuer,
    validity,
    subjectKey: authority,
    signer: authority,
    extensions: [
      extension(BASIC_CONSTRAINTS, sequence(boolean(true), integer(Buffer.from([0])))),
      extension(KEY_USAGE, bits(CERT_SIGN, 2)),
    ],
  });
  const cert = certificate({
    subject: names[0] ?? 'windvane-scaler',
    issuer,
    validity,
    subjectKey: server,
    signer: authority,
    extensions: [
      extension(BASIC_CONSTRAINTS, sequence()),
      extension(KEY_USAGE, bits(DIGITAL_SIGNATURE, 7)),
      extension(EXTENDED_KEY_USAGE, sequence(oid(SERVER_AUTH)), false),
      extension(
        SUBJECT_ALT_NAME,
        sequence(...names.map((host) => tagged(2, Buffer.from(host, 'ascii'), false))),
        false,
      ),
    ],
  });
  return { ca, cert, key: String(server.privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

function certificate(of: {
  readonly subject: string;
  readonly issuer: string;
  readonly validity: { readonly from: Instant; readonly until: Instant };
  readonly subjectKey: Pair;
  readonly signer: Pair;
  readonly extensions: readonly Buffer[];
}): string {
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const serial = randomBytes(16);
  // Positive, and without leading zeros.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name(of.issuer),
    sequence(time(of.validity.from), time(of.validity.until)),
    name(of.subject),
    of.subjectKey.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...of.extensions)),
  );
  const signed = sequence(body, algorithm, bits(sign('sha256', body, of.signer.privateKey)));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function name(commonName: string): Buffer {
  return sequence(set(sequence(oid(COMMON_NAME), utf8(commonName))));
}

function extension(id: string, value: Buffer, critical = true): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}
