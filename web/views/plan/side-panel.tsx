import type { ReactNode } from 'react';
import type { Panel } from '../../url-state.ts';

/** What one tab at the side is about; hidden while another is in front. */
export function SidePanel({ id, front, children }: { id: Panel; front: Panel; children: ReactNode }) {
  return (
    <div role="tabpanel" id={`panel-${id}`} aria-labelledby={`tab-${id}`} hidden={front !== id}>
      {children}
    </div>
  );
}
