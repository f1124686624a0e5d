/** An incident with so many reports is at least so grave: 2 orange, 3 yellow, 4 blue. Never red: that is for people to say. */
export const severityByReports: readonly { reports: number; severity: number }[] = [
  { reports: 20, severity: 2 },
  { reports: 8, severity: 3 },
  { reports: 4, severity: 4 },
];

/** 0 is an ordinary matter and ranks behind blue. */
function rank(severity: number): number {
  return severity === 0 ? 5 : severity;
}

/** The gravest of some severities, 0 … 4. */
export function gravest(severities: readonly number[]): number {
  return severities.reduce((worst, severity) => (rank(severity) < rank(worst) ? severity : worst), 0);
}

/**
 * Severity of an incident with reports: its own, that of the gravest report, and what their number asks for, whichever
 * is the gravest. `reports` counts the incident itself.
 */
export function severityWith(own: number, reported: readonly number[], reports: number): number {
  const byNumber = severityByReports.find((step) => reports >= step.reports)?.severity ?? 0;
  return gravest([own, ...reported, byNumber]);
}
