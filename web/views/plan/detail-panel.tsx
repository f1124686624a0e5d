import type { ReactNode } from 'react';
import type { LayerSummary } from '../../../server/app.ts';
import { CellPanel, type CellPanelProps } from '../../features/cell-panel/cell-panel.tsx';
import { FeaturePanel } from '../../features/feature-panel/feature-panel.tsx';
import { IncidentPanel } from '../../features/incident-panel/incident-panel.tsx';
import { ReportList } from '../../features/reports/report-list.tsx';
import type { PlaceNames } from '../../place-names.ts';
import type { Language, Selection } from '../../url-state.ts';

export interface DetailPanelProps {
  selection: Selection;
  /** The selected cell, once its outline is known. */
  cell: CellPanelProps['cell'];
  catalogue: readonly LayerSummary[];
  names: PlaceNames;
  asOf: string | null;
  lang: Language;
  onClose: () => void;
  onSelect: (selection: Selection) => void;
  children: ReactNode;
}

/** What is known of the feature, cell or incident that is selected. */
export function DetailPanel(props: DetailPanelProps) {
  const { selection, cell, catalogue, names, asOf, lang, onClose, onSelect, children } = props;
  const onIncident = (incident: { id: number }) => onSelect({ kind: 'incident', id: incident.id });
  return (
    <div className="om-plan-detail">
      {selection.kind === 'feature' && (
        <FeaturePanel layer={selection.layer} fid={selection.fid} at={asOf} lang={lang} onClose={onClose} />
      )}
      {selection.kind === 'cell' && (
        <CellPanel code={selection.code} at={asOf} {...{ cell, lang, names, catalogue, onClose, onIncident }} />
      )}
      {selection.kind === 'incident' && (
        <IncidentPanel
          id={selection.id}
          {...{ lang, names, onClose }}
          onCell={(code) => onSelect({ kind: 'cell', code })}
        >
          <ReportList key={selection.id} id={selection.id} lang={lang} onSelect={onIncident} />
        </IncidentPanel>
      )}
      {children}
    </div>
  );
}
