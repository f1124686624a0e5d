import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident, IncidentHistory, MoveInput, Workflow } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { SEVERITIES } from '../../theme.ts';
import { Failure } from '../../ui/answer.tsx';
import { CategoryField } from '../../ui/category-field.tsx';
import { onEscape } from '../../ui/on-escape.ts';
import type { Language } from '../../url-state.ts';
import { moveIncident, useIncidentAction } from '../../api/workflow.ts';

type Move = Workflow['moves'][number];
type MoveId = MoveInput['move'];

export interface MoveButtonsProps {
  workflow: Workflow;
  incident: Incident;
  history: IncidentHistory;
  lang: Language;
}

/** The moves of this caller in this stage: those that lead on as buttons, those that need a reason behind "more". */
export function MoveButtons({ workflow, incident, history, lang }: MoveButtonsProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<MoveId | null>(null);
  // Here and not in the form: that is gone when somebody else was faster, and the answer must be seen.
  const action = useIncidentAction(incident.id, (input: MoveInput) => moveIncident(incident.id, input));
  const offers = history.moves.flatMap((offer) => {
    const move = workflow.moves.find(({ id }) => id === offer.id);
    return move ? [{ ...offer, move }] : [];
  });
  if (offers.length === 0 && !action.error) return null;
  const stepOf = (id: string | null) => workflow.stages.find((stage) => stage.id === id)?.step ?? 0;
  const isFirst = ({ id, move }: (typeof offers)[number]) => !move.needsReason && id !== 'close_now';
  const ways = offers.filter(isFirst);
  const more = offers.filter((offer) => !isFirst(offer));
  const onward = ways.find(({ move }) => stepOf(move.to) > stepOf(incident.stage)) ?? ways[0];
  // The way onward comes first.
  const first = ways.toSorted((a, b) => Number(b === onward) - Number(a === onward));
  const form = offers.find(({ id }) => id === chosen);
  const button = ({ id, move, blocked }: (typeof offers)[number]) => (
    <button
      key={id}
      type="button"
      className={`om-button ${id === onward?.id && chosen === null ? 'om-button-strong' : ''}`}
      aria-expanded={chosen === id}
      disabled={blocked !== null}
      onClick={() => {
        action.reset();
        setChosen(chosen === id ? null : id);
      }}
    >
      {pick(move.title, lang)}
    </button>
  );
  return (
    <div className="om-moves" data-testid="moves">
      <div className="om-actions">{first.map(button)}</div>
      {more.length > 0 && (
        <details className="om-more">
          <summary>{t('workflow.more')}</summary>
          <div className="om-actions">{more.map(button)}</div>
        </details>
      )}
      {offers.map(
        ({ id, move, blocked }) =>
          blocked && (
            <p key={id} className="om-dim">
              {pick(move.title, lang)}: {t('workflow.onlyIf', { condition: pick(blocked, lang) })}
            </p>
          ),
      )}
      {form && (
        <MoveForm
          key={`${form.id} ${incident.stage}`}
          move={form.move}
          post={form.post}
          isPending={action.isPending}
          onSubmit={(input) => action.mutate(input, { onSuccess: () => setChosen(null) })}
          onClose={() => setChosen(null)}
          {...{ workflow, incident, history, lang }}
        />
      )}
      {action.error && <Failure error={action.error} />}
    </div>
  );
}

interface MoveFormProps extends MoveButtonsProps {
  move: Move;
  post: string;
  isPending: boolean;
  onSubmit: (input: MoveInput) => void;
  onClose: () => void;
}

/** How much more time was asked for last, in the unit of the limit; null where that is not known. */
function askedFor({ events }: IncidentHistory): number | null {
  const amount = events.findLast(({ move }) => move === 'request_extension')?.detail?.['amount'];
  return typeof amount === 'number' ? amount : null;
}

function MoveForm(props: MoveFormProps) {
  const { move, post, isPending, workflow, incident, history, lang, onSubmit, onClose } = props;
  const { t } = useTranslation();
  const { limit } = history.clock;
  const asked = askedFor(history);
  const [category, setCategory] = useState('');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => {
      const value = given.get(name);
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
    };
    const count = (name: string) => (text(name) === undefined ? undefined : Number(text(name)));
    const input = {
      move: move.id,
      reason: text('reason'),
      department: text('department'),
      parent: count('parent'),
      amount: count('amount'),
      category: text('category'),
      severity: count('severity'),
      // What was decided on.
      expectedStage: incident.stage,
    };
    const filled = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    onSubmit(filled as MoveInput);
  };
  return (
    <form className="om-move-form" onSubmit={submit} onKeyDown={onEscape(onClose)} aria-label={pick(move.title, lang)}>
      {move.needs.includes('department') && (
        <label>
          <span>{t('workflow.department')}</span>
          {/* Those who have it are not whom it is handed on to. */}
          <select name="department" required defaultValue={move.id === 'transfer' ? '' : (incident.department ?? '')}>
            <option value="" disabled>
              {t('workflow.choose')}
            </option>
            {workflow.departments.map(({ id, title }) => (
              <option key={id} value={id} disabled={move.id === 'transfer' && id === incident.department}>
                {pick(title, lang)}
              </option>
            ))}
          </select>
        </label>
      )}
      {move.needs.includes('amount') && (
        <label>
          <span>{t('workflow.amount', { unit: t(`workflow.unit.${limit.unit}`), most: limit.amount })}</span>
          <input name="amount" type="number" required min={0.5} max={limit.amount} step={0.5} inputMode="decimal" />
        </label>
      )}
      {move.id === 'grant_extension' && asked !== null && (
        <label>
          <span>{t('workflow.granted', { unit: t(`workflow.unit.${limit.unit}`), most: asked })}</span>
          <input
            name="amount"
            type="number"
            required
            min={0.5}
            max={asked}
            step={0.5}
            defaultValue={asked}
            inputMode="decimal"
          />
        </label>
      )}
      {move.needs.includes('parent') && (
        <label>
          <span>{t('workflow.parent')}</span>
          <input name="parent" type="number" required min={1} step={1} inputMode="numeric" />
        </label>
      )}
      {move.id === 'register' && (
        <div className="om-move-pair">
          <CategoryField
            name="category"
            label={t('workflow.category')}
            placeholder={incident.category}
            value={category}
            lang={lang}
            onChange={setCategory}
          />
          <label>
            <span>{t('incident.severity')}</span>
            <select name="severity" defaultValue={String(incident.severity)}>
              {SEVERITIES.map((severity) => (
                <option key={severity} value={severity}>
                  {t(`severity.${severity}`)}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      <label>
        <span>{move.needsReason ? t('workflow.reason') : t('workflow.remark')}</span>
        <textarea name="reason" required={move.needsReason} maxLength={1000} rows={2} />
      </label>
      <div className="om-actions">
        <button type="submit" className="om-button om-button-strong" disabled={isPending}>
          {isPending ? t('workflow.sending') : t('workflow.confirm', { move: pick(move.title, lang) })}
        </button>
        <button type="button" className="om-button" onClick={onClose}>
          {t('workflow.cancel')}
        </button>
        <small className="om-dim">
          {t('workflow.asPost', { post: pick(workflow.posts.find(({ id }) => id === post)?.title, lang) || post })}
        </small>
      </div>
    </form>
  );
}
