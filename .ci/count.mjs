// Prints "PASSED FAILED" from a vitest or Playwright JSON report. A report that is missing or empty counts as one failure.
import { readFileSync } from 'node:fs';
try {
  const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  const passed = report.numPassedTests ?? report.stats.expected;
  const failed = report.numFailedTests ?? report.stats.unexpected + report.stats.flaky;
  const files = (report.testResults ?? []).filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  console.log(passed, failed + files || (passed ? 0 : 1));
} catch {
  console.log(0, 1);
}
