import { Popover } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Inbox, InboxMessage } from '../../../server/app.ts';
import { getJson } from '../../api/request.ts';
import { pick } from '../../i18n/i18n.ts';
import { useLive } from '../../live-store.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { dateTime, number } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import type { Language } from '../../url-state.ts';
import { NotificationSettings } from './notification-settings.tsx';

const SEEN_KEY = 'onemap-notifications-seen';
const SHOWN = 50;
/** The live feed tells of new ones; this is for what it did not bring. */
const POLL_MS = 60_000;

/** Up to which number this browser has shown them; a browser without storage has shown none. */
function readSeen(): number {
  try {
    return Number(localStorage.getItem(SEEN_KEY) ?? 0) || 0;
  } catch {
    return 0;
  }
}

function writeSeen(number: number): void {
  try {
    localStorage.setItem(SEEN_KEY, String(number));
  } catch {
    // Without storage they are new again after a reload.
  }
}

/** The bell: how many messages are new, the inbox behind it, and who is told of what. */
export function Bell({ lang }: { lang: Language }) {
  const { t } = useTranslation();
  const notified = useLive((state) => state.notified);
  const [isOpen, setIsOpen] = useState(false);
  const [seen, setSeen] = useState(readSeen);
  const [part, setPart] = useState<'inbox' | 'settings'>('inbox');
  const query = useQuery({
    queryKey: ['notifications'],
    queryFn: ({ signal }) => getJson<Inbox>(`/api/notifications?limit=${SHOWN}`, signal),
    refetchInterval: POLL_MS,
  });
  const { refetch } = query;
  useEffect(() => {
    if (notified > 0) void refetch();
  }, [notified, refetch]);
  const messages = query.data?.messages ?? [];
  const fresh = messages.filter((message) => message.number > seen).length;
  const newest = messages[0]?.number ?? 0;

  const toggle = useCallback(
    (open: boolean) => {
      setIsOpen(open);
      // What was open has been seen.
      if (!open && newest > seen) {
        setSeen(newest);
        writeSeen(newest);
      }
    },
    [newest, seen],
  );
  // Also when what had the focus is gone, as a removed subscription is.
  useEffect(() => {
    if (!isOpen) return undefined;
    const close = (event: KeyboardEvent) => {
      // A dialog over it closes itself, and nothing else with it.
      if (event.key === 'Escape' && !event.isComposing && !document.querySelector('dialog[open]')) toggle(false);
    };
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, [isOpen, toggle]);
  return (
    <Popover
      width={420}
      position="bottom-end"
      withArrow
      shadow="md"
      trapFocus
      returnFocus
      opened={isOpen}
      onChange={toggle}
    >
      <Popover.Target>
        <button
          type="button"
          className="om-bell"
          aria-label={fresh > 0 ? t('bell.fresh', { count: number(fresh, lang) }) : t('bell.title')}
          title={t('bell.title')}
          aria-expanded={isOpen}
          onClick={() => toggle(!isOpen)}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path
              d="M12 3a6 6 0 0 0-6 6v4.5L4 17h16l-2-3.5V9a6 6 0 0 0-6-6zM9.8 19a2.3 2.3 0 0 0 4.4 0"
              fill="none"
              stroke="currentColor"
              strokeWidth="1.7"
              strokeLinejoin="round"
            />
          </svg>
          {fresh > 0 && <b data-testid="bell-count">{fresh === SHOWN ? `${SHOWN}+` : number(fresh, lang)}</b>}
        </button>
      </Popover.Target>
      <Popover.Dropdown className="om-popover om-bell-box" data-testid="bell-box">
        <div className="om-segments" role="group" aria-label={t('bell.title')}>
          {(['inbox', 'settings'] as const).map((each) => (
            <button
              key={each}
              type="button"
              className="om-button"
              aria-pressed={part === each}
              onClick={() => setPart(each)}
            >
              {t(`bell.${each}`)}
            </button>
          ))}
        </div>
        {part === 'settings' ? (
          <NotificationSettings lang={lang} />
        ) : (
          <Answer<Inbox> query={query}>
            {() =>
              messages.length === 0 ? (
                <p className="om-state">{t('bell.empty')}</p>
              ) : (
                <ul className="om-bell-list" aria-live="polite">
                  {messages.map((message) => (
                    <Message
                      key={message.number}
                      isNew={message.number > seen}
                      onGo={() => toggle(false)}
                      {...{ message, lang }}
                    />
                  ))}
                </ul>
              )
            }
          </Answer>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function Message(props: { message: InboxMessage; isNew: boolean; lang: Language; onGo: () => void }) {
  const { message, isNew, lang, onGo } = props;
  const { t } = useTranslation();
  const severity = message.severity === null ? null : asSeverity(message.severity);
  const language = lang === 'zh' ? '' : '&lang=en';
  const title = pick(message.title, lang);
  return (
    <li data-new={isNew || undefined}>
      {severity !== null && <SeverityMark severity={severity} label={t(`severity.${severity}`)} />}
      <div>
        {message.incident === null ? (
          <strong>{title}</strong>
        ) : (
          <Link href={`/wall?sel=incident:${message.incident}${language}`} onClick={onGo}>
            {title}
          </Link>
        )}
        <small className="om-dim">{pick(message.text, lang)}</small>
        <small className="om-dim">
          {dateTime(Date.parse(message.at), lang)}
          {isNew && ` · ${t('queue.new')}`}
        </small>
      </div>
    </li>
  );
}
