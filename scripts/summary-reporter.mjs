import { writeFileSync } from 'node:fs';

/** A vitest reporter that leaves the counts of the run where WINDVANE_TEST_SUMMARY says. */
// eslint-disable-next-line import/no-default-export -- vitest loads reporters by their default export
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      // A file that fails to load has no tests to count.
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
    }
    writeFileSync(process.env.WINDVANE_TEST_SUMMARY, JSON.stringify(counts));
  }
}
