import { spawnSync } from 'node:child_process';

const found = () => spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

/** Installs Debian's redis-server for the tests that need a real one; says in one line when it cannot. */
export function ensureRedis() {
  if (found()) return;
  const apt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!apt || process.getuid?.() !== 0) {
    const why = apt ? 'this user is not root' : 'this is not Debian';
    console.error(`windvane: no redis-server and ${why}: tests against a real Redis are skipped`);
    return;
  }
  console.error('windvane: installing redis-server from Debian; this happens once');
  // RUNLEVEL=1 keeps Debian from starting a Redis on the well-known port: tests start their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = { stdio: ['ignore', 2, 2], env };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], options);
  if (!found())
    console.error('windvane: redis-server could not be installed: tests against a real Redis are skipped');
}
