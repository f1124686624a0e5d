import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { TextKey } from '../../i18n/zh.ts';
import type {
  ChannelId,
  DeadLetters,
  NewSubscription,
  Subscription,
  SubscriptionInput,
  SubscriptionList,
} from '../../../server/app.ts';
import { useLayers } from '../../api/layers.ts';
import { getJson, send } from '../../api/request.ts';
import { pick } from '../../i18n/i18n.ts';
import { placeText, usePlaceNames, type PlaceNames } from '../../place-names.ts';
import { SEVERITIES, type Severity } from '../../theme.ts';
import { dateTime, number } from '../../time.ts';
import { Answer, Failure } from '../../ui/answer.tsx';
import { CategoryChoice } from '../../ui/category-choice.tsx';
import { CodeChoice } from '../../ui/code-choice.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import type { Language } from '../../url-state.ts';
import { subscribeBrowser } from './subscribe-browser.ts';

const KINDS = ['incident', 'closed', 'overdue', 'alarm'] as const;
const PATH = '/api/notifications/subscriptions';
/** How often figures of deliveries are read again, ms: while some are on their way, and when none is. */
const WAITING_MS = 2_000;
const SETTLED_MS = 15_000;

/** Who is told of what: the subscriptions, a form for another one, and what could not be delivered. */
export function NotificationSettings({ lang }: { lang: Language }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const names = usePlaceNames(useLayers().data);
  const query = useQuery({
    queryKey: ['subscriptions'],
    queryFn: ({ signal }) => getJson<SubscriptionList>(PATH, signal),
    // What is on its way is delivered, or fails, within seconds.
    refetchInterval: ({ state }) =>
      state.data?.subscriptions.some(({ pending }) => pending > 0) ? WAITING_MS : SETTLED_MS,
  });
  const [isRemoving, setIsRemoving] = useState<Subscription | null>(null);
  const change = useMutation({
    mutationFn: ({ method, path, body }: { method: string; path: string; body?: object }) => send(method, path, body),
    onSettled: () => client.invalidateQueries({ queryKey: ['subscriptions'] }),
  });
  return (
    <Answer<SubscriptionList> query={query}>
      {({ subscriptions, channels, pushKey }) => (
        <>
          <ul className="om-bell-list">
            {subscriptions.map((subscription) => (
              <li key={subscription.id}>
                <div>
                  <strong>{subscription.name}</strong>
                  <small className="om-dim">{describe(subscription, t, names)}</small>
                  <small className="om-dim">
                    {t('notify.counts', {
                      pending: number(subscription.pending, lang),
                      delivered: number(subscription.delivered, lang),
                      dead: number(subscription.dead, lang),
                    })}
                    {subscription.disabledReason !== null &&
                      ` · ${t('notify.disabled', { reason: subscription.disabledReason })}`}
                  </small>
                  <span className="om-bell-actions">
                    <button
                      type="button"
                      className="om-button"
                      aria-pressed={subscription.active}
                      disabled={change.isPending}
                      onClick={() =>
                        change.mutate({
                          method: 'PATCH',
                          path: `${PATH}/${subscription.id}`,
                          body: { active: !subscription.active },
                        })
                      }
                    >
                      {t(subscription.active ? 'notify.on' : 'notify.off')}
                    </button>
                    <button
                      type="button"
                      className="om-button"
                      disabled={!subscription.active || change.isPending}
                      onClick={() => change.mutate({ method: 'POST', path: `${PATH}/${subscription.id}/test` })}
                    >
                      {t('notify.test')}
                    </button>
                    <button
                      type="button"
                      className="om-button"
                      aria-label={t('notify.removeOne', { name: subscription.name })}
                      disabled={change.isPending}
                      onClick={() => setIsRemoving(subscription)}
                    >
                      {t('notify.remove')}
                    </button>
                  </span>
                </div>
              </li>
            ))}
          </ul>
          {change.error && <Failure error={change.error} />}
          {isRemoving && (
            <ConfirmDialog
              title={t('notify.confirmRemove')}
              confirm={t('notify.remove')}
              onConfirm={() => change.mutate({ method: 'DELETE', path: `${PATH}/${isRemoving.id}` })}
              onClose={() => setIsRemoving(null)}
            >
              <p>
                <b>{isRemoving.name}</b>
              </p>
              <p className="om-dim">{t('notify.confirmRemoveHelp')}</p>
            </ConfirmDialog>
          )}
          <SubscribeForm {...{ channels, pushKey, lang }} />
          <Dead lang={lang} />
        </>
      )}
    </Answer>
  );
}

type Translate = (key: TextKey) => string;

function describe({ channel, target, wants }: Subscription, t: Translate, names: PlaceNames): string {
  return [
    t(`notify.channel.${channel}`),
    target,
    wants.kinds.map((kind) => t(`notify.kind.${kind}`)).join(' '),
    wants.severities?.map((severity) => t(`severity.short.${severity as Severity}`)).join(' ') ?? '',
    wants.towns?.map((code) => placeText(code, names)).join(' ') ?? '',
    wants.categories?.join(' ') ?? '',
  ]
    .filter((each) => each !== '')
    .join(' · ');
}

/** The one thing that a channel asks for; null: nothing. */
const FIELD: Record<ChannelId, 'url' | 'to' | null> = {
  inapp: null,
  push: null,
  webhook: 'url',
  wecom: 'url',
  dingtalk: 'url',
  email: 'to',
  sms: 'to',
};

function SubscribeForm(props: { channels: readonly ChannelId[]; pushKey: string | null; lang: Language }) {
  const { channels, pushKey, lang } = props;
  const { t } = useTranslation();
  const client = useQueryClient();
  const names = usePlaceNames(useLayers().data);
  const [channel, setChannel] = useState<ChannelId>('inapp');
  const [towns, setTowns] = useState<readonly string[]>([]);
  const [categories, setCategories] = useState<readonly string[]>([]);
  const field = FIELD[channel];
  const add = useMutation({
    mutationFn: async (form: FormData) => {
      const text = (name: string) => String(form.get(name) ?? '').trim();
      const severities = form.getAll('severity').map(Number);
      const address = text('address');
      const secret = text('secret');
      const target =
        channel === 'push'
          ? await subscribeBrowser(pushKey ?? '')
          : field === null
            ? {}
            : { [field]: address, ...(secret === '' ? {} : { secret }) };
      const input: SubscriptionInput = {
        name: text('name'),
        channel,
        target,
        language: text('language') as 'zh' | 'en' | 'both',
        fullText: form.get('fullText') !== null,
        wants: {
          kinds: form.getAll('kind') as (typeof KINDS)[number][],
          ...(severities.length > 0 ? { severities } : {}),
          ...(towns.length > 0 ? { towns: [...towns] } : {}),
          ...(categories.length > 0 ? { categories: [...categories] } : {}),
        },
      };
      return send<NewSubscription>('POST', PATH, input);
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['subscriptions'] }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    add.mutate(new FormData(form), {
      // Once more would be the same subscription twice.
      onSuccess: () => {
        form.reset();
        setChannel('inapp');
        setTowns([]);
        setCategories([]);
      },
    });
  };
  return (
    <details className="om-notify-add">
      <summary>{t('notify.add')}</summary>
      <form onSubmit={submit} data-testid="subscribe">
        <label>
          <span>{t('notify.name')}</span>
          <input name="name" required maxLength={100} />
        </label>
        <label>
          <span>{t('notify.channel')}</span>
          <select name="channel" value={channel} onChange={(event) => setChannel(event.target.value as ChannelId)}>
            {channels.map((each) => (
              <option key={each} value={each}>
                {t(`notify.channel.${each}`)}
              </option>
            ))}
          </select>
        </label>
        {field !== null && (
          <label>
            <span>{t(field === 'url' ? 'notify.url' : 'notify.to')}</span>
            <input name="address" required type={field === 'url' ? 'url' : channel === 'email' ? 'email' : 'tel'} />
          </label>
        )}
        {(channel === 'dingtalk' || channel === 'webhook') && (
          <label>
            <span>{t('notify.secret')}</span>
            <input name="secret" autoComplete="off" />
          </label>
        )}
        <fieldset>
          <legend>{t('notify.kinds')}</legend>
          {KINDS.map((kind) => (
            <label key={kind}>
              <input type="checkbox" name="kind" value={kind} defaultChecked={kind === 'incident'} />
              {t(`notify.kind.${kind}`)}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>{t('notify.severities')}</legend>
          {SEVERITIES.map((severity) => (
            <label key={severity}>
              <input type="checkbox" name="severity" value={severity} />
              {t(`severity.short.${severity}`)}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>{t('notify.towns')}</legend>
          <CodeChoice level="town" codes={towns} names={names} onChange={setTowns} />
        </fieldset>
        <fieldset>
          <legend>{t('notify.categories')}</legend>
          <CategoryChoice
            label={t('notify.categories')}
            placeholder="Z09"
            codes={categories}
            lang={lang}
            onChange={setCategories}
          />
        </fieldset>
        <label>
          <span>{t('notify.language')}</span>
          <select name="language" defaultValue="zh">
            <option value="zh">{t('notify.language.zh')}</option>
            <option value="en">{t('notify.language.en')}</option>
            <option value="both">{t('notify.language.both')}</option>
          </select>
        </label>
        <label>
          <input type="checkbox" name="fullText" />
          {t('notify.fullText')}
        </label>
        <button type="submit" className="om-button om-button-strong" disabled={add.isPending}>
          {t('notify.add')}
        </button>
        {add.error && <Failure error={add.error} />}
        {add.data && (
          <p role="status">
            {t('notify.added', { name: add.data.subscription.name })}
            {add.data.secret !== null && (
              <>
                {' '}
                {t('notify.secretOnce')} <code>{add.data.secret}</code>
              </>
            )}
          </p>
        )}
      </form>
    </details>
  );
}

function Dead({ lang }: { lang: Language }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['dead-letters'],
    queryFn: ({ signal }) => getJson<DeadLetters>('/api/notifications/dead?limit=50', signal),
    refetchInterval: SETTLED_MS,
  });
  const decide = useMutation({
    mutationFn: ({ id, what }: { id: string; what: 'retry' | 'discard' }) =>
      send<null>('POST', `/api/notifications/dead/${id}/${what}`),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['dead-letters'] });
      await client.invalidateQueries({ queryKey: ['subscriptions'] });
    },
  });
  if (!query.data || query.data.total === 0) return null;
  return (
    <details className="om-notify-add">
      <summary>{t('notify.dead', { count: number(query.data.total, lang) })}</summary>
      <ul className="om-bell-list">
        {query.data.letters.map((letter) => (
          <li key={letter.id}>
            <div>
              <strong>{pick(letter.title, lang)}</strong>
              <small className="om-dim">
                {letter.subscriptionName} · {t(`notify.channel.${letter.channel}`)} · {letter.error} ·{' '}
                {t('notify.attempts', { count: letter.attempts })}
                {letter.endedAt !== null && ` · ${dateTime(Date.parse(letter.endedAt), lang)}`}
              </small>
              <span className="om-bell-actions">
                {(['retry', 'discard'] as const).map((what) => (
                  <button
                    key={what}
                    type="button"
                    className="om-button"
                    disabled={decide.isPending}
                    onClick={() => decide.mutate({ id: letter.id, what })}
                  >
                    {t(`notify.${what}`)}
                  </button>
                ))}
              </span>
            </div>
          </li>
        ))}
      </ul>
      {decide.error && <Failure error={decide.error} />}
    </details>
  );
}
