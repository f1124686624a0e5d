import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident, SituationCard as Card } from '../../../server/app.ts';
import type { useSituationCard } from '../../api/incidents.ts';
import { pick } from '../../i18n/i18n.ts';
import { useLive } from '../../live-store.ts';
import { clockSeconds, number } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Language } from '../../url-state.ts';
import { IncidentsNearby, ResponsibleList, StaffList } from './around.tsx';
import { CardSection } from './card-section.tsx';
import { DispatchSection } from './dispatch-section.tsx';
import { NearbyList, type Spot } from './nearby-list.tsx';
import { CareGroups, Enterprises, People } from './people.tsx';

const RADII = [100, 200, 300, 500, 1000, 2000];

export interface SituationCardProps {
  query: ReturnType<typeof useSituationCard>;
  /** The incident it is of; null: of a shape. */
  incident: number | null;
  radius: number;
  lang: Language;
  /** What stands in the head beside the title, e.g. the way back. */
  aside?: ReactNode;
  onRadius: (metres: number) => void;
  onClose: () => void;
  onSpot: (spot: Spot) => void;
  onIncident: (incident: Incident) => void;
}

/** Everything around a matter, and who is sent there. */
export function SituationCard(props: SituationCardProps) {
  const { query, incident, radius, lang, aside, onRadius, onClose } = props;
  const { t } = useTranslation();
  // Nobody is sent anywhere in a past that is replayed.
  const isPast = useLive((state) => state.replay !== null);
  const title = useLive((state) => (incident === null ? undefined : state.situation?.incidents.get(incident)?.title));
  const radii = RADII.includes(radius) ? RADII : [...RADII, radius].toSorted((a, b) => a - b);
  return (
    <Panel
      className="om-detail om-situation"
      label={t('card.title')}
      title={
        <>
          {t('card.title')}
          {title !== undefined && <small className="om-situation-of">{title}</small>}
        </>
      }
      aside={
        <>
          {incident !== null && (
            <NativeSelect
              size="xs"
              aria-label={t('card.radius')}
              value={String(radius)}
              data={radii.map((each) => ({ value: String(each), label: `${each} m` }))}
              onChange={(event) => onRadius(Number(event.currentTarget.value))}
            />
          )}
          {aside}
          <button type="button" className="om-close" onClick={onClose} aria-label={t('panel.close')}>
            ✕
          </button>
        </>
      }
    >
      {incident !== null && isPast && <p className="om-dim">{t('workflow.past')}</p>}
      {incident !== null && !isPast && <DispatchSection key={incident} incident={incident} lang={lang} />}
      <Answer<Card> query={query}>{(card) => <Sections {...props} card={card} />}</Answer>
    </Panel>
  );
}

function Sections({ card, lang, onSpot, onIncident }: SituationCardProps & { card: Card }) {
  const { t } = useTranslation();
  const { people, care, enterprises, risks, facilities, pipes, weather, staff, incidents, responsible } = card;
  const nearby = { lang, onSpot };
  return (
    <>
      <div className="om-situation-sections" data-testid="situation-card">
        <CardSection id="people" title={t('card.people')} section={people} isEmpty={people.items.length === 0}>
          <People items={people.items} lang={lang} />
        </CardSection>
        <CardSection id="risks" title={t('card.risks')} section={risks} isEmpty={risks.items.length === 0}>
          <NearbyList items={risks.items} {...nearby} />
        </CardSection>
        <CardSection id="care" title={t('card.care')} section={care} isEmpty={care.items.length === 0}>
          <CareGroups items={care.items} lang={lang} />
        </CardSection>
        <CardSection id="staff" title={t('card.staff')} section={staff} isEmpty={staff.rows.length === 0}>
          <StaffList staff={staff} {...nearby} />
        </CardSection>
        <CardSection
          id="facilities"
          title={t('card.facilities')}
          section={facilities}
          isEmpty={facilities.items.length === 0}
        >
          <NearbyList items={facilities.items} {...nearby} />
        </CardSection>
        <CardSection id="incidents" title={t('card.incidents')} section={incidents}>
          <IncidentsNearby incidents={incidents} lang={lang} onIncident={onIncident} />
        </CardSection>
        <CardSection id="pipes" title={t('card.pipes')} section={pipes} isEmpty={pipes.items.length === 0}>
          <NearbyList items={pipes.items} {...nearby} />
        </CardSection>
        <CardSection
          id="enterprises"
          title={t('card.enterprises')}
          section={enterprises}
          isEmpty={enterprises.items.length === 0}
        >
          <Enterprises items={enterprises.items} lang={lang} />
        </CardSection>
        <CardSection id="weather" title={t('card.weather')} section={weather} isEmpty={weather.items.length === 0}>
          <NearbyList items={weather.items} {...nearby} isWeather />
        </CardSection>
        <CardSection id="responsible" title={t('card.responsible')} section={responsible}>
          <ResponsibleList responsible={responsible} lang={lang} />
        </CardSection>
      </div>
      <p className="om-dim om-small">
        {card.missing.length > 0 && (
          <>
            {t('card.missing', {
              layers: card.missing.map(({ title }) => pick(title, lang)).join(lang === 'zh' ? '、' : ', '),
            })}
            <br />
          </>
        )}
        {t('card.updated', { time: clockSeconds(Date.parse(card.madeAt), lang) })} ·{' '}
        {t('card.took', { ms: number(Math.round(card.ms), lang) })}
      </p>
    </>
  );
}
