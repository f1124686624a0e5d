import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Alert, Incident } from '../../../server/app.ts';
import { useAlarms } from '../../alarms.ts';
import { clockNow } from '../../clock.ts';
import { pick } from '../../i18n/i18n.ts';
import { dueText, whoText } from '../../incident-text.ts';
import { useLive } from '../../live-store.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { townAndCommunity, type PlaceNames } from '../../place-names.ts';
import { dateTime, number } from '../../time.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import type { Language } from '../../url-state.ts';
import { useWorkflow } from '../../api/workflow.ts';
import { handoverRows } from './handover-rows.ts';

/** What one shift hands to the next, as of the moment it was opened: figures, warnings, and what is grave or late; printed or copied. */
export function HandoverSheet(props: {
  lang: Language;
  names: PlaceNames;
  alerts: readonly Alert[];
  onClose: () => void;
  onSelect: (incident: Incident) => void;
}) {
  const { lang, names, alerts, onClose, onSelect } = props;
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    close.current?.focus();
  }, []);
  const [at] = useState(clockNow);
  const situation = useLive((state) => state.situation);
  const [sheet] = useState(() =>
    situation === null
      ? null
      : {
          ...handoverRows(situation),
          figures: [
            ['open', situation.openTotal],
            ['overdue', situation.overdueTotal],
            ['created', situation.createdToday],
            ['closed', situation.closedToday],
          ] as const,
        },
  );
  const alarms = useAlarms('open', 1).data?.open;
  const workflow = useWorkflow().data;

  const stageWith = ({ stage }: Incident) => workflow?.stages.find(({ id }) => id === stage);
  const timeOf = (incident: Incident) => {
    const left = incident.dueAt === null ? null : Date.parse(incident.dueAt) - at;
    return dueText(t, left, lang, stageWith(incident)?.stopsClock);
  };
  const placeOf = ({ grid }: Incident) => townAndCommunity(grid, names) || grid;
  const stageOf = (incident: Incident) => pick(stageWith(incident)?.title, lang);
  const whoOf = (incident: Incident) => whoText(t, incident, workflow, lang);
  const figures = [
    ...(sheet?.figures.map(([key, value]) => [t(`figure.${key}`), number(value, lang)] as const) ?? []),
    [t('rules.openAlarmsTitle'), number(alarms, lang)] as const,
    [t('alerts.title'), number(alerts.length, lang)] as const,
  ];
  const text = () =>
    [
      `${t('handover.title')} ${dateTime(at, lang)}`,
      figures.map(([name, value]) => `${name} ${value}`).join('  '),
      ...alerts.map((alert) => `[${t(`alerts.level.${asSeverity(alert.severity)}`)}] ${pick(alert.headline, lang)}`),
      ...(sheet?.rows ?? []).map(
        (row, index) =>
          `${index + 1}. [${t(`severity.short.${asSeverity(row.severity)}`)}] ${row.title} · ${placeOf(row)} · ` +
          `${stageOf(row)} · ${whoOf(row)} · ${timeOf(row)} (#${row.id})`,
      ),
      ...(sheet && sheet.more > 0 ? [t('handover.more', { count: sheet.more, text: number(sheet.more, lang) })] : []),
    ].join('\n');

  return (
    <dialog ref={dialog} className="om-confirm om-handover" aria-label={t('handover.title')} onClose={onClose}>
      <h2>
        {t('handover.title')} <span className="om-dim">{dateTime(at, lang)}</span>
      </h2>
      <dl className="om-handover-figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {alerts.length > 0 && (
        <ul className="om-handover-alerts">
          {alerts.map((alert) => (
            <li key={alert.id}>
              <SeverityMark severity={asSeverity(alert.severity)} label={t(`severity.${asSeverity(alert.severity)}`)} />{' '}
              {pick(alert.headline, lang)}
            </li>
          ))}
        </ul>
      )}
      {sheet === null ? (
        <p className="om-state">{t('state.loading')}</p>
      ) : sheet.rows.length === 0 ? (
        <p className="om-state">{t('handover.empty')}</p>
      ) : (
        <div className="om-handover-scroll" tabIndex={0} role="region" aria-label={t('handover.rows')}>
          <table className="om-table">
            <caption className="om-hidden">{t('handover.rows')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('incident.severity')}</th>
                <th scope="col">{t('incident.title')}</th>
                <th scope="col">{t('handover.place')}</th>
                <th scope="col">{t('handover.who')}</th>
                <th scope="col">{t('handover.limit')}</th>
              </tr>
            </thead>
            <tbody>
              {sheet.rows.map((row) => (
                <tr key={row.id}>
                  <td>
                    <SeverityMark
                      severity={asSeverity(row.severity)}
                      label={t(`severity.${asSeverity(row.severity)}`)}
                    />
                  </td>
                  <td>
                    <button
                      type="button"
                      className="om-link"
                      onClick={() => {
                        dialog.current?.close();
                        onSelect(row);
                      }}
                    >
                      {row.title}
                    </button>
                  </td>
                  <td>{placeOf(row)}</td>
                  <td>
                    {stageOf(row)} · {whoOf(row)}
                  </td>
                  <td className={row.dueAt !== null && Date.parse(row.dueAt) < at ? 'om-tone-bad' : undefined}>
                    {timeOf(row)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {sheet.more > 0 && (
            <p className="om-dim">{t('handover.more', { count: sheet.more, text: number(sheet.more, lang) })}</p>
          )}
        </div>
      )}
      <div className="om-actions om-noprint">
        <button ref={close} type="button" className="om-button" onClick={() => dialog.current?.close()}>
          {t('panel.close')}
        </button>
        <CopyButton label={t('handover.copy')} text={text} />
        <button type="button" className="om-button om-button-strong" onClick={() => print()}>
          {t('handover.print')}
        </button>
      </div>
    </dialog>
  );
}
