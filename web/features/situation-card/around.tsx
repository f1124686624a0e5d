import { useTranslation } from 'react-i18next';
import type { Incident, SituationCard } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { dateTime, length, number } from '../../time.ts';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import type { Language } from '../../url-state.ts';
import type { Spot } from './nearby-list.tsx';

/** Who of the grid staff is soonest there. */
export function StaffList(props: { staff: SituationCard['staff']; lang: Language; onSpot: (spot: Spot) => void }) {
  const { staff, lang, onSpot } = props;
  const { t } = useTranslation();
  return (
    <>
      {staff.roads === null && <p className="om-dim">{t('card.roadsUnknown')}</p>}
      <ul>
        {staff.rows.map((row) => (
          <li key={row.id}>
            <button
              type="button"
              className="om-situation-row"
              aria-label={t('card.onMap', { name: row.name })}
              aria-describedby={`card-staff-${row.id}`}
              onClick={() => onSpot({ at: row.at, name: row.name })}
            >
              <span>
                {row.name}
                <small id={`card-staff-${row.id}`}>
                  {length(row.metres, lang)} · {t('card.tasks', { n: row.tasks })}
                </small>
              </span>
              <b>
                {row.seconds === null
                  ? t('card.noRoad')
                  : t('card.minutes', { n: Math.max(1, Math.round(row.seconds / 60)) })}
              </b>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Other incidents, those of the same kind marked. */
export function IncidentsNearby(props: {
  incidents: SituationCard['incidents'];
  lang: Language;
  onIncident: (incident: Incident) => void;
}) {
  const { incidents, lang, onIncident } = props;
  const { t } = useTranslation();
  const figures: [string, number][] = [
    [t('card.open.count'), incidents.open],
    [t('card.past.count', { days: incidents.days }), incidents.past],
    [t('card.same.count'), incidents.sameCategory],
  ];
  return (
    <>
      <div className="om-figures">
        {figures.map(([name, value]) => (
          <p key={name} className="om-figure">
            <span>{name}</span>
            <b>{number(value, lang)}</b>
          </p>
        ))}
      </div>
      <ul>
        {incidents.rows.slice(0, 6).map(({ incident, metres, sameCategory }) => (
          <li key={incident.id}>
            <button
              type="button"
              className="om-situation-row"
              data-same={sameCategory ? '' : undefined}
              onClick={() => onIncident(incident)}
            >
              <span>
                <SeverityMark
                  severity={asSeverity(incident.severity)}
                  label={t(`severity.${asSeverity(incident.severity)}`)}
                />{' '}
                {incident.title}
                <small>
                  {sameCategory && <em>{t('card.same')}</em>} {t(`incident.${incident.state}`)} ·{' '}
                  {dateTime(Date.parse(incident.receivedAt), lang)}
                </small>
              </span>
              <b>{length(metres, lang)}</b>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Whose area and whose matter it is. */
export function ResponsibleList({ responsible, lang }: { responsible: SituationCard['responsible']; lang: Language }) {
  const { t } = useTranslation();
  const { grids, communities, towns, staff, departments } = responsible;
  const rows: [string, string[]][] = [
    [
      t('card.departments'),
      departments.map(({ title, lead }) => `${pick(title, lang)} (${t(lead ? 'card.lead' : 'card.help')})`),
    ],
    [
      t('card.grids'),
      grids.map(({ name, leader }) => (leader === null ? name : `${name} · ${t('card.leader', { name: leader })}`)),
    ],
    [t('card.gridStaff'), staff.map(({ name }) => name)],
    [t('card.communities'), communities.map(({ name }) => name)],
    [t('card.towns'), towns.map(({ name }) => name)],
  ];
  return (
    <dl className="om-pairs">
      {rows
        .filter(([, values]) => values.length > 0)
        .map(([name, values]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{values.join(lang === 'zh' ? '、' : ', ')}</dd>
          </div>
        ))}
    </dl>
  );
}
