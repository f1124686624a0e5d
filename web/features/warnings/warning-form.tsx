import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Text } from '../../../layers/define.ts';
import { pick } from '../../i18n/i18n.ts';
import type { DrawMode } from '../../map/draw-mode.ts';
import { placeText, type PlaceNames } from '../../place-names.ts';
import { CodeChoice } from '../../ui/code-choice.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import type { Language } from '../../url-state.ts';
import {
  CERTAINTIES,
  headlineOf,
  LEVELS,
  localTime,
  RESPONSES,
  STATUSES,
  URGENCIES,
  WAYS,
  type WarningDraft,
  type WarningFault,
  type WarningField,
  type WarningLevel,
  type Way,
} from './warning-draft.ts';
import { districtName, listEvents } from './warning-words.ts';

export interface WarningFormProps {
  draft: WarningDraft;
  /** Beside each field what is wrong with it; those of the server as it says them. */
  faults: Partial<Record<WarningField, WarningFault>>;
  refusal: { field: string | null; message: string } | null;
  lang: Language;
  names: PlaceNames;
  onChange: (changes: Partial<WarningDraft>) => void;
  onDraw: (mode: DrawMode | null) => void;
}

const HOURS = [1, 3, 6, 12, 24];
const OTHER = 'other';
const EVENTS = listEvents();
const SEPARATOR: Record<Language, string> = { zh: '、', en: ', ' };

/** Names of cells in both languages; names of places are Chinese in both. */
function nameOf(codes: readonly string[], names: PlaceNames): Text {
  const each = codes.map((code) => placeText(code, names));
  return codes.length === 0 ? { zh: '', en: '' } : { zh: each.join(SEPARATOR.zh), en: each.join(SEPARATOR.en) };
}

/** A warning as it is written: what, how grave, where, until when, and what people are to do. */
export function WarningForm({ draft, faults, refusal, lang, names, onChange, onDraw }: WarningFormProps) {
  const { t } = useTranslation();
  const id = useId();
  const fault = (...fields: WarningField[]) => {
    const found = fields.map((field) => faults[field]).find((each) => each !== undefined);
    return found === undefined ? null : (
      <small className="om-tone-bad" role="alert">
        {t(`warn.fault.${found}`)}
      </small>
    );
  };
  const told = (prefix: string) =>
    refusal?.field?.startsWith(prefix) === true ? (
      <small className="om-tone-bad" role="alert">
        {refusal.message}
      </small>
    ) : null;
  /** The headline follows level and event until somebody writes another. */
  const withHeadline = (changes: Partial<WarningDraft>): Partial<WarningDraft> => {
    const own = headlineOf(draft.severity, draft.event);
    const isOwn = own.zh === draft.headline.zh && own.en === draft.headline.en;
    const next = { ...draft, ...changes };
    return isOwn ? { ...changes, headline: headlineOf(next.severity, next.event) } : changes;
  };
  const known = EVENTS.findIndex(({ title }) => title.zh === draft.event.zh && title.en === draft.event.en);
  const pair = (name: 'headline' | 'description' | 'instruction' | 'areaName' | 'event', longest: number) => (
    <div className="om-rule-pair">
      {(['zh', 'en'] as const).map((each) => {
        const label = t(`warn.${name}.${each}`);
        const value = draft[name][each];
        const common = {
          value,
          maxLength: longest,
          lang: each === 'zh' ? 'zh-CN' : 'en',
          'aria-invalid': faults[`${name}.${each}` as WarningField] !== undefined,
          onChange: ({ target }: { target: { value: string } }) => {
            const text = { ...draft[name], [each]: target.value };
            onChange(name === 'event' ? withHeadline({ event: text }) : { [name]: text });
          },
        };
        return (
          <label key={each} className="om-field">
            <span>{label}</span>
            {name === 'description' || name === 'instruction' ? (
              <textarea rows={3} {...common} />
            ) : (
              <input {...common} />
            )}
            {fault(`${name}.${each}` as WarningField)}
          </label>
        );
      })}
      {(name === 'description' || name === 'instruction') && fault(name)}
      {told(name === 'areaName' ? 'areas.0.description' : name)}
    </div>
  );
  const select = (name: 'urgency' | 'certainty' | 'status', values: readonly string[]) => (
    <label className="om-field">
      <span>{t(`warn.${name}`)}</span>
      <select value={draft[name]} onChange={({ target }) => onChange({ [name]: target.value })}>
        {[...values, ...(values.includes(draft[name]) ? [] : [draft[name]])].map((value) => (
          <option key={value} value={value}>
            {values.includes(value) ? t(`warn.${name}.${value}` as 'warn.status.Actual') : value}
          </option>
        ))}
      </select>
    </label>
  );
  const chooseWay = (way: Way) => {
    onDraw(null);
    const areaName = way === 'district' ? districtName() : { zh: '', en: '' };
    onChange({ way, codes: [], shapes: [], kept: { polygons: [], circles: [] }, areaName });
  };
  const shapes = draft.shapes.length + draft.kept.polygons.length + draft.kept.circles.length;

  return (
    <div className="om-warn-form" data-testid="warning-form">
      <div role="radiogroup" aria-label={t('warn.level')} className="om-warn-levels">
        {LEVELS.map((level: WarningLevel) => (
          <label key={level} className={`om-warn-level om-alert-${level}`}>
            <input
              type="radio"
              name={`${id}-level`}
              checked={draft.severity === level}
              onChange={() => onChange(withHeadline({ severity: level }))}
            />
            <SeverityMark severity={level} /> {t(`severity.${level}`)}
          </label>
        ))}
      </div>
      <label className="om-field">
        <span>{t('warn.event')}</span>
        <select
          value={known < 0 ? OTHER : String(known)}
          onChange={({ target }) => {
            const chosen = EVENTS[Number(target.value)];
            onChange(
              withHeadline(chosen ? { event: chosen.title, category: chosen.category } : { event: { zh: '', en: '' } }),
            );
          }}
        >
          {EVENTS.map(({ title }, index) => (
            <option key={title.en} value={index}>
              {pick(title, lang)}
            </option>
          ))}
          <option value={OTHER}>{t('warn.event.other')}</option>
        </select>
      </label>
      {known < 0 && pair('event', 100)}
      {pair('headline', 160)}
      <fieldset className="om-warn-area">
        <legend>{t('warn.area')}</legend>
        <div role="radiogroup" aria-label={t('warn.area')} className="om-warn-ways">
          {WAYS.map((way) => (
            <label key={way}>
              <input type="radio" name={`${id}-way`} checked={draft.way === way} onChange={() => chooseWay(way)} />{' '}
              {t(`warn.way.${way}`)}
            </label>
          ))}
        </div>
        {(draft.way === 'town' || draft.way === 'community' || draft.way === 'grid') && (
          <>
            <CodeChoice
              level={draft.way}
              codes={draft.codes}
              names={names}
              onChange={(codes) => onChange({ codes, areaName: nameOf(codes, names) })}
            />
            <p className="om-dim">{t('warn.clickMap')}</p>
          </>
        )}
        {draft.way === 'drawn' && (
          <div className="om-actions">
            <button type="button" className="om-button" onClick={() => onDraw('polygon')}>
              {t('warn.draw.polygon')}
            </button>
            <button type="button" className="om-button" onClick={() => onDraw('circle')}>
              {t('warn.draw.circle')}
            </button>
            {shapes > 0 && (
              <>
                <span role="status">{t('warn.shapes', { count: shapes })}</span>
                <button
                  type="button"
                  className="om-button"
                  onClick={() => onChange({ shapes: [], kept: { polygons: [], circles: [] } })}
                >
                  {t('warn.draw.clear')}
                </button>
              </>
            )}
          </div>
        )}
        {fault('area')}
        {told('area')}
        {pair('areaName', 200)}
      </fieldset>
      <div className="om-rule-pair">
        <label className="om-field">
          <span>{t('warn.onsetOptional')}</span>
          <input
            type="datetime-local"
            value={draft.onset}
            onChange={({ target }) => onChange({ onset: target.value })}
          />
          {fault('onset')}
          {told('onset')}
        </label>
        <label className="om-field">
          <span>{t('warn.expires')}</span>
          <input
            type="datetime-local"
            value={draft.expires}
            aria-invalid={faults.expires !== undefined}
            onChange={({ target }) => onChange({ expires: target.value })}
          />
          {fault('expires')}
          {told('expires')}
        </label>
      </div>
      <div className="om-actions" role="group" aria-label={t('warn.expires')}>
        {HOURS.map((hours) => (
          <button
            key={hours}
            type="button"
            className="om-button"
            onClick={() => onChange({ expires: localTime(Date.now() + hours * 3_600_000) })}
          >
            {t('warn.hours', { count: hours })}
          </button>
        ))}
      </div>
      {pair('description', 4000)}
      {pair('instruction', 4000)}
      <Fold title={t('warn.more')}>
        <div className="om-rule-pair">
          {select('urgency', URGENCIES)}
          {select('certainty', CERTAINTIES)}
          {select('status', STATUSES)}
          <label className="om-field">
            <span>{t('warn.scope')}</span>
            <select
              value={draft.scope}
              onChange={({ target }) => onChange({ scope: target.value === 'Public' ? 'Public' : 'Restricted' })}
            >
              <option value="Public">{t('warn.scope.Public')}</option>
              <option value="Restricted">{t('warn.scope.Restricted')}</option>
            </select>
          </label>
        </div>
        <div role="group" aria-label={t('warn.response')} className="om-warn-ways">
          {RESPONSES.map((response) => (
            <label key={response}>
              <input
                type="checkbox"
                checked={draft.responseType.includes(response)}
                onChange={({ target }) =>
                  onChange({
                    responseType: target.checked
                      ? [...draft.responseType, response]
                      : draft.responseType.filter((each) => each !== response),
                  })
                }
              />{' '}
              {t(`warn.response.${response}`)}
            </label>
          ))}
        </div>
      </Fold>
    </div>
  );
}

function Fold({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="om-more">
      <summary>{title}</summary>
      {children}
    </details>
  );
}
