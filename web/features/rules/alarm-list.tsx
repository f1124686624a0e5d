import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answerAlarm, useAlarms } from '../../alarms.ts';
import { number } from '../../time.ts';
import { Answer, Failure } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Language } from '../../url-state.ts';
import { AlarmFacts } from './alarm-row.tsx';

const LISTED = 100;

/** Alarms, open ones or those that are over, to be acknowledged and cleared. */
export function AlarmList({
  lang,
  onPlace,
}: {
  lang: Language;
  onPlace: (place: { lng: number; lat: number }) => void;
}) {
  const { t } = useTranslation();
  const [state, setState] = useState<'open' | 'cleared'>('open');
  const query = useAlarms(state, LISTED);
  const client = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const [pending, setPending] = useState<number | null>(null);
  const answer = (id: number, act: 'acknowledge' | 'clear') => {
    setError(null);
    setPending(id);
    return answerAlarm(id, act)
      .then(() => client.invalidateQueries({ queryKey: ['alarms'] }))
      .catch(setError)
      .finally(() => setPending(null));
  };
  return (
    <Panel
      className="om-alarms"
      title={t('rules.alarms')}
      aside={query.data && <span className="om-dim">{t('rules.openAlarms', { count: query.data.open })}</span>}
    >
      <div className="om-rule-tabs" role="group" aria-label={t('rules.alarms')}>
        {(['open', 'cleared'] as const).map((each) => (
          <button
            key={each}
            type="button"
            className="om-button"
            aria-pressed={state === each}
            onClick={() => setState(each)}
          >
            {t(`rules.show.${each}`)}
          </button>
        ))}
      </div>
      {error && <Failure error={error} />}
      <Answer query={query} isEmpty={({ alarms }) => alarms.length === 0}>
        {({ alarms, open }) => (
          <>
            <ul className="om-rule-list" data-testid="alarms">
              {alarms.map((alarm) => (
                <li key={alarm.id} data-alarm={alarm.id}>
                  <button
                    type="button"
                    className="om-rule-open"
                    disabled={alarm.lon === null}
                    onClick={() =>
                      alarm.lon !== null && alarm.lat !== null && onPlace({ lng: alarm.lon, lat: alarm.lat })
                    }
                  >
                    <AlarmFacts alarm={alarm} lang={lang} />
                  </button>
                  {alarm.clearedAt === null && (
                    <span className="om-rule-acts">
                      {alarm.acknowledgedAt === null && (
                        <button
                          type="button"
                          className="om-button"
                          disabled={pending === alarm.id}
                          onClick={() => void answer(alarm.id, 'acknowledge')}
                        >
                          {t('rules.acknowledge')}
                        </button>
                      )}
                      <button
                        type="button"
                        className="om-button"
                        disabled={pending === alarm.id}
                        onClick={() => void answer(alarm.id, 'clear')}
                      >
                        {t('rules.clear')}
                      </button>
                    </span>
                  )}
                </li>
              ))}
            </ul>
            {state === 'open' && open > alarms.length && (
              <p className="om-dim">{t('rules.shown', { shown: alarms.length, total: number(open, lang) })}</p>
            )}
          </>
        )}
      </Answer>
    </Panel>
  );
}
