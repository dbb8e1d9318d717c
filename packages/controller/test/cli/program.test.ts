import { describe, expect, it } from 'vitest';
import { windvane } from './surroundings.ts';

describe('command line', () => {
  it.each([
    [[], /no command: there are .*run.*demo.*map/],
    [['fly'], /unknown command "fly": there are/],
    [['map', '--what'], /Unknown option `--what`; see windvane --help/],
    [['run', '--config', '/does/not/exist.yaml'], /\/does\/not\/exist\.yaml: cannot be read \(ENOENT\)/],
    [['explain'], /missing required args/],
    [['explain', 'web'], /"web" names no workload: write KIND\/NAME/],
    [['explain', 'Deployment/web', '--kubeconfig', '/none'], /\/none cannot be read/],
    [['map', '--url', 'nowhere'], /--url: "nowhere" is not a URL/],
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
