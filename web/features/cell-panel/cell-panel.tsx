import type { Feature, Geometry } from 'geojson';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident, LayerSummary } from '../../../server/app.ts';
import { useAreaCounts } from '../../api/counts.ts';
import { pick } from '../../i18n/i18n.ts';
import { useLive } from '../../live-store.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { communityOf, isWithin, levelOf, townOf, usePlaceSpelling, type PlaceNames } from '../../place-names.ts';
import { byUrgency } from '../../situation.ts';
import { number } from '../../time.ts';
import { Panel } from '../../ui/panel.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import type { Language } from '../../url-state.ts';

export interface CellPanelProps {
  code: string;
  lang: Language;
  names: PlaceNames;
  catalogue: readonly LayerSummary[];
  /** The cell's boundary feature, when it is loaded. */
  cell: Feature<Geometry, Record<string, unknown>> | undefined;
  /** As of the end of this day; null: now. Of an earlier day there are no live incidents. */
  at?: string | null;
  onClose: () => void;
  onIncident: (incident: Incident) => void;
}

/** One micro-grid, community or town: its code and place, its incidents, and who lives and works there. */
export function CellPanel(props: CellPanelProps) {
  const { code, lang, names, catalogue, cell, at = null, onClose, onIncident } = props;
  const { t } = useTranslation();
  const version = useLive((state) => state.version);
  const situation = useLive((state) => state.situation);
  const level = levelOf(code);
  const load = { open: 0, overdue: 0 };
  for (const [grid, { open, overdue }] of situation?.cells ?? []) {
    if (!isWithin(grid, code)) continue;
    load.open += open;
    load.overdue += overdue;
  }
  const incidents = useMemo(() => {
    if (!situation) return [];
    return [...situation.incidents.values()].filter(({ grid }) => isWithin(grid, code)).toSorted(byUrgency(situation));
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `situation` changes in place
  }, [situation, version, code]);
  const spell = usePlaceSpelling();
  const name = cell?.properties['name'];
  const leader = cell?.properties['grid_leader'];
  return (
    <Panel
      className="om-detail"
      title={t(`level.${level}`)}
      aside={
        <button type="button" className="om-close" onClick={onClose} aria-label={t('panel.close')}>
          ✕
        </button>
      }
    >
      <h3 className="om-detail-title">{names.get(code) ?? (typeof name === 'string' && name ? spell(name) : code)}</h3>
      <dl className="om-pairs">
        <div>
          <dt>{t('panel.code')}</dt>
          <dd>
            <code data-testid="cell-code">{code}</code>
          </dd>
        </div>
        <div>
          <dt>{t('incident.town')}</dt>
          <dd>{names.get(townOf(code)) ?? townOf(code)}</dd>
        </div>
        {level !== 'town' && (
          <div>
            <dt>{t('incident.community')}</dt>
            <dd>{names.get(communityOf(code)) ?? communityOf(code)}</dd>
          </div>
        )}
        {typeof leader === 'string' && leader !== '' && (
          <div>
            <dt>{t('cell.leader')}</dt>
            <dd>{leader}</dd>
          </div>
        )}
      </dl>
      <div className="om-figures">
        {at === null && (
          <>
            <Figure label={t('cell.open')} value={number(load.open, lang)} />
            <Figure
              label={t('cell.overdue')}
              value={number(load.overdue, lang)}
              tone={load.overdue > 0 ? 'bad' : undefined}
            />
          </>
        )}
        <Count layer="person" label={t('cell.people')} {...{ code, lang, catalogue, at }} />
        <Count layer="household" label={t('cell.households')} {...{ code, lang, catalogue, at }} />
        <Count layer="enterprise" label={t('cell.enterprises')} {...{ code, lang, catalogue, at }} />
      </div>
      {at === null && incidents.length > 0 && (
        <>
          <h4>{t('cell.incidents')}</h4>
          <ul className="om-list">
            {incidents.slice(0, 30).map((incident) => (
              <li key={incident.id}>
                <button type="button" className="om-row" onClick={() => onIncident(incident)}>
                  <SeverityMark
                    severity={asSeverity(incident.severity)}
                    label={t(`severity.${asSeverity(incident.severity)}`)}
                  />
                  <span>{incident.title}</span>
                  <span className="om-dim">{pick(incident.categoryTitle, lang)}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function Figure({ label, value, tone }: { label: string; value: string; tone?: 'bad' | undefined }) {
  return (
    <div className="om-figure">
      <span>{label}</span>
      <b className={tone ? `om-tone-${tone}` : undefined}>{value}</b>
    </div>
  );
}

/** How many rows of a layer lie in the cell; nothing where the caller cannot see the layer or it is not loaded. */
function Count(props: {
  layer: string;
  label: string;
  code: string;
  lang: Language;
  catalogue: readonly LayerSummary[];
  at: string | null;
}) {
  const { layer, label, code, lang, catalogue, at } = props;
  const { t } = useTranslation();
  const isLoaded = catalogue.some(({ id, load }) => id === layer && load !== null);
  const by = levelOf(code);
  const filter = useMemo(() => ({ cells: { by, codes: [code] } }), [by, code]);
  const { data, error } = useAreaCounts(isLoaded ? layer : null, by, filter, at);
  if (!isLoaded || error) return null;
  const value =
    data === undefined
      ? '…'
      : data.total === null
        ? t('state.withheld', { k: data.suppressed.k })
        : number(data.total, lang);
  return <Figure label={label} value={value} />;
}
