import { useTranslation } from 'react-i18next';
import type { Incident, IncidentHistory } from '../../../server/app.ts';
import { dateTime, duration, number } from '../../time.ts';
import { LightMark } from '../../ui/light-mark.tsx';
import type { Language } from '../../url-state.ts';
import { lightAt } from '../../api/workflow.ts';

/** The clocks of an open matter and of its stage, with their lights. */
export function StageClocks(props: {
  incident: Incident;
  history: IncidentHistory | undefined;
  /** The clock of the matter stands in this stage. */
  isStopped: boolean;
  now: number;
  lang: Language;
}) {
  const { incident, history, isStopped, now, lang } = props;
  const { t } = useTranslation();
  const clock = history?.clock;
  const isHandling = incident.stageDueAt !== null && incident.stageDueAt === incident.dueAt;
  return (
    <dl className="om-clocks">
      <Row
        name={t('workflow.clock.matter')}
        warnAt={incident.warnAt}
        dueAt={incident.dueAt}
        stopped={
          clock?.leftMs != null
            ? t('workflow.clock.stopped', { time: duration(clock.leftMs, lang) })
            : t(isStopped ? 'queue.paused' : 'queue.noLimit')
        }
        {...{ now, lang }}
      />
      {!isHandling && (
        <Row
          name={t('workflow.clock.stage')}
          warnAt={incident.stageWarnAt}
          dueAt={incident.stageDueAt}
          stopped={t('queue.noLimit')}
          {...{ now, lang }}
        />
      )}
      {clock && (
        <div>
          <dt>{t('workflow.clock.limit')}</dt>
          <dd>
            {number(clock.limit.amount, lang)} {t(`workflow.unit.${clock.limit.unit}`)}
            {clock.added > 0 && ` + ${number(clock.added, lang)} (${t('workflow.extended')})`}
            {clock.reworks > 0 && <span className="om-badge">{t('workflow.reworks', { count: clock.reworks })}</span>}
            {history.supervision > 0 && (
              <span className="om-badge om-badge-stale">
                {t('workflow.supervised', { count: history.supervision })}
              </span>
            )}
          </dd>
        </div>
      )}
    </dl>
  );
}

function Row(props: {
  name: string;
  warnAt: string | null;
  dueAt: string | null;
  stopped: string;
  now: number;
  lang: Language;
}) {
  const { name, warnAt, dueAt, stopped, now, lang } = props;
  const { t } = useTranslation();
  const light = lightAt(now, warnAt, dueAt);
  const due = dueAt === null ? 0 : Date.parse(dueAt);
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {light === null ? (
          stopped
        ) : (
          <>
            <span>
              <LightMark light={light} label={t(`workflow.light.${light}`)} />{' '}
              {light === 'red'
                ? t('queue.overdue', { time: duration(now - due, lang) })
                : t('queue.due', { time: duration(due - now, lang) })}
            </span>{' '}
            <span className="om-dim">{dateTime(due, lang)}</span>
          </>
        )}
      </dd>
    </div>
  );
}
