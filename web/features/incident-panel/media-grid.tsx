import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentHistory, IncidentMedia } from '../../../server/app.ts';
import { dateTime } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';
import { uploadMedia, useIncidentAction } from '../../api/workflow.ts';

const PHASES = ['report', 'before', 'after'] as const;

/** Photos and videos as reported, before and after the work, side by side. */
export function MediaGrid({ history, lang }: { history: IncidentHistory; lang: Language }) {
  const { t } = useTranslation();
  const { id } = history.incident;
  const action = useIncidentAction(id, async ({ phase, files }: { phase: IncidentMedia['phase']; files: File[] }) => {
    for (const file of files) await uploadMedia(id, phase, file);
  });
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
                <MediaFile key={file.id} {...{ incident: id, file, lang }} />
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

function MediaFile({ incident, file, lang }: { incident: number; file: IncidentMedia; lang: Language }) {
  const { t } = useTranslation();
  const address = `/api/incidents/${incident}/media/${file.id}`;
  const title = `${t(`workflow.media.${file.phase}`)}, ${dateTime(Date.parse(file.at), lang)}`;
  if (file.type === 'video/mp4') return <video src={address} controls preload="metadata" aria-label={title} />;
  return (
    <a href={address} target="_blank" rel="noreferrer">
      <img src={address} alt={title} loading="lazy" />
    </a>
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
