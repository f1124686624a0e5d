import { useId, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentHistory, IncidentMedia } from '../../../server/app.ts';
import { dateTime } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import { onEscape } from '../../ui/on-escape.ts';
import type { Language } from '../../url-state.ts';
import { removeMedia, uploadMedia, useIncidentAction } from '../../api/workflow.ts';

const PHASES = ['report', 'before', 'after'] as const;
/** Posts that may take a file out again (`server/routes/workflow.ts`). */
const REMOVERS = ['shift_lead', 'leader'];

/** Photos and videos as reported, before and after the work, side by side. */
export function MediaGrid({ history, lang }: { history: IncidentHistory; lang: Language }) {
  const { t } = useTranslation();
  const { id } = history.incident;
  const action = useIncidentAction(id, async ({ phase, files }: { phase: IncidentMedia['phase']; files: File[] }) => {
    for (const file of files) await uploadMedia(id, phase, file);
  });
  const canRemove = REMOVERS.some((post) => history.caller.posts.includes(post));
  return (
    <section className="om-media" aria-label={t('workflow.media')}>
      <h4>{t('workflow.media')}</h4>
      <div className="om-media-phases">
        {PHASES.map((phase) => (
          <figure key={phase}>
            <figcaption>{t(`workflow.media.${phase}`)}</figcaption>
            {history.media
              .filter((file) => file.phase === phase)
              .map((file) => (
                <MediaFile key={file.id} {...{ incident: id, file, lang, canRemove }} />
              ))}
            <AddFile
              label={`${t('workflow.media.add')} ${t(`workflow.media.${phase}`)}`}
              isBusy={action.isPending}
              onFiles={(files) => action.mutate({ phase, files })}
            />
          </figure>
        ))}
      </div>
      {action.error && <Failure error={action.error} />}
    </section>
  );
}

function MediaFile(props: { incident: number; file: IncidentMedia; lang: Language; canRemove: boolean }) {
  const { incident, file, lang, canRemove } = props;
  const { t } = useTranslation();
  const address = `/api/incidents/${incident}/media/${file.id}`;
  const title = `${t(`workflow.media.${file.phase}`)}, ${dateTime(Date.parse(file.at), lang)}`;
  return (
    <div className="om-media-file">
      {file.type === 'video/mp4' ? (
        <video src={address} controls preload="metadata" aria-label={title} />
      ) : (
        <a href={address} target="_blank" rel="noreferrer">
          <img src={address} alt={title} loading="lazy" />
        </a>
      )}
      {canRemove && <RemoveFile {...{ incident, title }} media={file.id} />}
    </div>
  );
}

/** Takes a file out again, for what it shows: it does not come back, so that a reason is asked for first. */
function RemoveFile({ incident, media, title }: { incident: number; media: number; title: string }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState<string | null>(null);
  const action = useIncidentAction(incident, (why: string) => removeMedia(incident, media, why));
  if (reason === null) {
    return (
      <button
        type="button"
        className="om-link"
        aria-label={`${t('workflow.media.remove')} ${title}`}
        onClick={() => setReason('')}
      >
        {t('workflow.media.remove')}
      </button>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() !== '') action.mutate(reason.trim());
  };
  return (
    <form onSubmit={submit} onKeyDown={onEscape(() => setReason(null))} aria-label={t('workflow.media.remove')}>
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- it was just asked for by a button */}
      <input
        autoFocus
        maxLength={500}
        aria-label={t('workflow.reason')}
        placeholder={t('workflow.reason')}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
      />
      <div className="om-actions">
        <button type="submit" className="om-button" disabled={reason.trim() === '' || action.isPending}>
          {t('workflow.media.remove')}
        </button>
        <button type="button" className="om-button" onClick={() => setReason(null)}>
          {t('workflow.cancel')}
        </button>
      </div>
      {action.error && <Failure error={action.error} />}
    </form>
  );
}

function AddFile({ label, isBusy, onFiles }: { label: string; isBusy: boolean; onFiles: (files: File[]) => void }) {
  const id = useId();
  return (
    <label htmlFor={id} className="om-media-add" title={label} aria-disabled={isBusy}>
      <span aria-hidden="true">{isBusy ? '…' : '+'}</span>
      <span className="om-hidden">{label}</span>
      <input
        id={id}
        type="file"
        className="om-hidden"
        accept="image/jpeg,image/png,image/webp,video/mp4"
        multiple
        disabled={isBusy}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same file can be chosen once more after a failure.
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </label>
  );
}
