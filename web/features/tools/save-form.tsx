import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ResultJob } from '../../../server/app.ts';
import { Failure } from '../../ui/answer.tsx';

const SHORTEST_PURPOSE = 4;
const LONGEST_TITLE = 100;

/** How a layer is called, and what it is wanted for where that must be said. */
export interface Words {
  title: string;
  purpose?: string;
}

export interface SaveFormProps {
  /** What it is called until somebody writes something else. */
  suggested: string;
  /** Rows of personal data are kept: a purpose is needed. */
  isPersonal: boolean;
  /** Everything else that is needed is there. */
  canStart: boolean;
  action: string;
  start: (words: Words) => Promise<ResultJob>;
  onStarted: (job: ResultJob, title: string) => void;
  children?: ReactNode;
}

/** Has a layer made: its title, a purpose where personal data is kept, and the button. */
export function SaveForm(props: SaveFormProps) {
  const { suggested, isPersonal, canStart, action, start, onStarted, children } = props;
  const { t } = useTranslation();
  const [written, setWritten] = useState<string | null>(null);
  const [purpose, setPurpose] = useState('');
  const [isStarting, setIsStarting] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const title = (written ?? suggested).slice(0, LONGEST_TITLE);
  const isSaid = !isPersonal || purpose.trim().length >= SHORTEST_PURPOSE;
  const isReady = canStart && !isStarting && title.trim() !== '' && isSaid;

  async function submit() {
    setError(null);
    setIsStarting(true);
    try {
      const name = title.trim();
      onStarted(await start({ title: name, ...(isPersonal ? { purpose: purpose.trim() } : {}) }), name);
      setWritten(null);
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    } finally {
      setIsStarting(false);
    }
  }
  return (
    <form
      className="om-save"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void submit();
      }}
    >
      {children}
      <TextInput
        size="xs"
        label={t('keep.title')}
        value={title}
        maxLength={LONGEST_TITLE}
        onChange={(event) => setWritten(event.currentTarget.value)}
      />
      {isPersonal && (
        <TextInput
          size="xs"
          label={t('export.purpose')}
          description={t('keep.audit')}
          value={purpose}
          maxLength={500}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
      )}
      <div className="om-actions">
        <button type="submit" className="om-button om-button-strong" disabled={!isReady}>
          {isStarting ? t('keep.starting') : action}
        </button>
      </div>
      {error && <Failure error={error} />}
    </form>
  );
}

/** The form behind a button, below a result. */
export function SaveResult(props: Omit<SaveFormProps, 'action' | 'canStart'>) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div className="om-save-result">
      <button type="button" className="om-button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        {t('keep.open')}
      </button>
      {isOpen && (
        <SaveForm
          {...props}
          canStart
          action={t('keep.start')}
          onStarted={(job, title) => {
            setIsOpen(false);
            props.onStarted(job, title);
          }}
        />
      )}
    </div>
  );
}
