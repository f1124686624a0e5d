import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SensorList } from '../../../server/app.ts';
import { getJson, withQuery } from '../../api/request.ts';
import { Answer } from '../../ui/answer.tsx';

const MOST_SHOWN = 200;

/** Sensors of a layer, chosen one by one. */
export function SensorChoice({
  layer,
  ids,
  onChange,
}: {
  layer: string;
  ids: readonly string[];
  onChange: (ids: string[]) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const query = useQuery({
    queryKey: ['sensors-of', layer],
    queryFn: ({ signal }) => getJson<SensorList>(withQuery('/api/sensors', { layer, limit: 2000 }), signal),
    staleTime: 60_000,
  });
  const wanted = text.trim().toLowerCase();
  const toggle = (id: string, isOn: boolean) => onChange(isOn ? [...ids, id] : ids.filter((each) => each !== id));
  return (
    <span className="om-sensor-choice">
      <input
        type="search"
        aria-label={t('rules.sensors.search')}
        placeholder={t('rules.sensors.search')}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <small className="om-dim" role="status">
        {t('rules.named', { count: ids.length })}
      </small>
      <Answer query={query} isEmpty={({ sensors }) => sensors.length === 0}>
        {({ sensors }) => {
          const found = sensors.filter(({ id, title }) => `${id} ${title}`.toLowerCase().includes(wanted));
          // Chosen ones of another layer stay to be seen, and can be taken out.
          const others = ids.filter((id) => !sensors.some((sensor) => sensor.id === id));
          return (
            <span className="om-sensor-list" role="group" aria-label={t('rules.sensors.list')}>
              {others.map((id) => (
                <label key={id}>
                  <input type="checkbox" checked onChange={() => toggle(id, false)} /> {id}
                </label>
              ))}
              {found.slice(0, MOST_SHOWN).map(({ id, title }) => (
                <label key={id}>
                  <input
                    type="checkbox"
                    checked={ids.includes(id)}
                    onChange={({ target }) => toggle(id, target.checked)}
                  />{' '}
                  {title}
                </label>
              ))}
              {found.length > MOST_SHOWN && (
                <small className="om-dim">{t('rules.shown', { shown: MOST_SHOWN, total: String(found.length) })}</small>
              )}
            </span>
          );
        }}
      </Answer>
    </span>
  );
}
