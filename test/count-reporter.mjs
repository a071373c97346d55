// A Vitest reporter: says why each skipped test was skipped, and writes the counts to the file that REQUANT_COUNTS names.
import { writeFileSync } from 'node:fs';

export default class CountReporter {
  onTestRunEnd(modules) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        const result = test.result();
        counts[result.state] += 1;
        tests += 1;
        if (result.state === 'skipped') console.log(`skipped: ${module.relativeModuleId}: ${test.fullName}: ${result.note ?? 'its condition is not met'}`);
      }
      // A file that could not even be loaded is one failure.
      if (tests === 0 && module.state() === 'failed') counts.failed += 1;
    }
    const file = process.env.REQUANT_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(counts));
  }
}
