import { severityPath } from '../map/severity-shape.ts';
import type { Severity } from '../theme.ts';

/** A severity as shape and colour; give the text beside it, or a label here. */
export function SeverityMark({ severity, label }: { severity: Severity; label?: string }) {
  return (
    <svg
      className={`om-mark om-mark-${severity}`}
      viewBox="0 0 24 24"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <path d={severityPath[severity]} />
    </svg>
  );
}
