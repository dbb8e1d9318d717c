import { describe, expect, it } from 'vitest';
import { windvane } from './surroundings.ts';

describe('command line', () => {
  it.each([
    [[], /no command: there are .*run.*demo.*map/],
    [['fly'], /unknown command 'fly': there are/],
    [['demoo'], /unknown command 'demoo' \(Did you mean demo\?\): there are/],
    [['map', '--what'], /unknown option '--what'; see windvane --help/],
    [['map', '--confg', 'x'], /Did you mean --config\?/],
    [['run', '--config', '/does/not/exist.yaml'], /\/does\/not\/exist\.yaml: cannot be read \(ENOENT\)/],
    [['explain'], /missing required argument 'workload'/],
    [['map', '--url'], /'--url <url>' argument missing/],
    // What is written is what is meant, or it is a mistake: a rehearsal must never turn out to be the thing itself.
    [['uninstall', '--dry-run=true'], /unknown option '--dry-run=true'/],
    [['uninstall', '--dry-run=yes'], /unknown option '--dry-run=yes'/],
    [['uninstall', '--dry-run', 'true'], /too many arguments/],
    [['uninstall', '--', '--dry-run'], /too many arguments/],
    [['uninstall', '--keep-crd=true'], /unknown option '--keep-crd=true'/],
    [['restore', '--all', '--dry-run=true'], /unknown option '--dry-run=true'/],
    [['restore', '--all', '--dry-run', 'research'], /--all/],
    [['run', '--config', 'a', '--config', 'b'], /--config: write it once, with a value/],
    [['run', '--config', ''], /--config: write it once, with a value/],
    [['restore', '--all', '-n', ''], /--namespace: write it once, with a value/],
    [['freeze', '--reason', ''], /--reason: write it once, with a value/],
    [['simulate', '--traces', ''], /--traces: write it once, with a value/],
    [['demo', '--port', '-1'], /--port: "-1" cannot be used/],
    [['explain', 'web'], /"web" names no workload: write KIND\/NAME/],
    [['explain', 'Deployment/web', '--kubeconfig', '/none'], /\/none cannot be read/],
    [
      ['map', '--url', 'nowhere'],
      /--url: write the base URL of the hub, for example http:\/\/127\.0\.0\.1:4280/,
    ],
    [
      ['map', '--url', 'http://127.0.0.1:65534'],
      /no controller answers at http:\/\/127\.0\.0\.1:65534 \(ECONNREFUSED\)/,
    ],
    [['clusters', '--url', 'http://127.0.0.1:65534'], /no controller answers/],
    [['clusters', '--token-file', '/none'], /--token-file: cannot read \/none/],
    [['demo', '--hours', 'x'], /--hours: "x" cannot be used/],
    [['demo', '--once', '--from', 'noon'], /--from: "noon" is not an instant/],
    [['demo', '--once', '--traces', '/none.csv'], /--traces: .*none\.csv/],
    [
      ['demo', '--once', '--hours', '1', '--redis', 'redis://127.0.0.1:1'],
      /cannot use Redis at redis:\/\/127\.0\.0\.1:1/,
    ],
    [['simulate'], /--traces is missing/],
  ])('%j is a mistake told in one line', async (args, message) => {
    const { code, err, out } = await windvane(args);
    expect(err).toMatch(message);
    expect(err).toMatch(/^windvane: /);
    // One line each, and no stack trace.
    expect(err).not.toMatch(/\n\s+at /);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
    expect(out).not.toContain('{');
  });

  it('tells every mistake of a configuration', async () => {
    const { code, err } = await windvane(['run'], { environment: { WINDVANE_REDIS_URL: 'http://x' } });
    expect(code).toBe(2);
    expect(err).toBe(
      'windvane: WINDVANE_REDIS_URL: not the address of a Redis: write redis://host:port, rediss://host:port (TLS), redis+sentinel://host:port,host:port/master, redis+cluster://host:port,host:port or unix:///path\n',
    );
  });
});
