import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  MOST_FILES,
  MOST_PHOTO_MIB,
  MOST_VIDEO_MIB,
  prepareFile,
  type FileFault,
  type Phase,
  type PreparedFile,
} from './prepare-file.ts';

const ACCEPTED = 'image/jpeg,image/png,image/webp,image/heic,image/heif,video/mp4,video/quicktime';

interface PhotoPickerProps {
  files: readonly PreparedFile[];
  /** Citizens show what they see; collectors before and after their work. */
  phases: readonly Phase[];
  makeId: () => string;
  onFiles: (files: PreparedFile[]) => void;
  onPlace: (place: { lon: number; lat: number }) => void;
  /** Photos are being made ready: they are not among the files yet. */
  onBusy: (isBusy: boolean) => void;
}

/** Photos and films: taken or chosen, seen, taken out again, before anything is sent. */
export function PhotoPicker({ files, phases, makeId, onFiles, onPlace, onBusy }: PhotoPickerProps) {
  const { t } = useTranslation();
  const [isBusy, setIsBusy] = useState(false);
  const [faults, setFaults] = useState<{ name: string; fault: FileFault | 'tooMany' }[]>([]);
  const [offer, setOffer] = useState<{ lon: number; lat: number } | null>(null);
  const add = async (chosen: File[], phase: Phase) => {
    setIsBusy(true);
    onBusy(true);
    setFaults([]);
    const next = [...files];
    const wrong: typeof faults = [];
    for (const file of chosen) {
      if (next.length >= MOST_FILES) {
        wrong.push({ name: file.name, fault: 'tooMany' });
        continue;
      }
      const prepared = await prepareFile(file, phase, makeId());
      if (typeof prepared === 'string') wrong.push({ name: file.name, fault: prepared });
      else {
        next.push(prepared);
        if (prepared.place) setOffer(prepared.place);
      }
    }
    setFaults(wrong);
    setIsBusy(false);
    onBusy(false);
    onFiles(next);
  };
  return (
    <fieldset className="om-report-part">
      <legend>{t('photo.title')}</legend>
      <p className="om-dim">{t('photo.limits', { files: MOST_FILES, photo: MOST_PHOTO_MIB, video: MOST_VIDEO_MIB })}</p>
      {phases.map((phase) => (
        <div key={phase} className="om-photo-phase">
          {phases.length > 1 && <h3>{t(`workflow.media.${phase}`)}</h3>}
          {files.some((file) => file.phase === phase) && (
            <ul className="om-photos">
              {files
                .filter((file) => file.phase === phase)
                .map((file) => (
                  <li key={file.id}>
                    <Preview file={file} />
                    <button
                      type="button"
                      className="om-photo-drop"
                      aria-label={t('photo.remove', { name: file.name })}
                      disabled={isBusy}
                      onClick={() => onFiles(files.filter(({ id }) => id !== file.id))}
                    >
                      ✕
                    </button>
                  </li>
                ))}
            </ul>
          )}
          {files.length < MOST_FILES && (
            <div className="om-photo-ways">
              <Choose label={t('photo.take')} isBusy={isBusy} isCamera onFiles={(chosen) => void add(chosen, phase)} />
              <Choose label={t('photo.choose')} isBusy={isBusy} onFiles={(chosen) => void add(chosen, phase)} />
            </div>
          )}
        </div>
      ))}
      {isBusy && (
        <p className="om-dim" role="status">
          {t('photo.preparing')}
        </p>
      )}
      {faults.map(({ name, fault }) => (
        <p key={name} className="om-tone-bad" role="alert">
          {name}: {t(`photo.fault.${fault}`, { files: MOST_FILES, photo: MOST_PHOTO_MIB, video: MOST_VIDEO_MIB })}
        </p>
      ))}
      {offer && (
        <div className="om-photo-offer" role="group" aria-label={t('photo.placeFound')}>
          <p>{t('photo.placeOffer', { place: `${offer.lon.toFixed(5)}, ${offer.lat.toFixed(5)}` })}</p>
          <button
            type="button"
            className="om-button om-button-strong"
            onClick={() => {
              onPlace(offer);
              setOffer(null);
            }}
          >
            {t('photo.placeUse')}
          </button>{' '}
          <button type="button" className="om-button" onClick={() => setOffer(null)}>
            {t('photo.placeLeave')}
          </button>
        </div>
      )}
      <p className="om-dim">{t('photo.privacy')}</p>
    </fieldset>
  );
}

function Preview({ file }: { file: PreparedFile }) {
  const { t } = useTranslation();
  const url = useMemo(() => URL.createObjectURL(file.blob), [file.blob]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  const label = t('photo.preview', { name: file.name });
  return file.kind === 'video' ? (
    <video src={url} aria-label={label} muted playsInline preload="metadata" />
  ) : (
    <img src={url} alt={label} />
  );
}

function Choose(props: { label: string; isBusy: boolean; isCamera?: boolean; onFiles: (files: File[]) => void }) {
  const { label, isBusy, isCamera = false, onFiles } = props;
  return (
    <label className="om-button om-photo-choose" aria-disabled={isBusy}>
      {label}
      <input
        type="file"
        className="om-hidden"
        disabled={isBusy}
        {...(isCamera ? { accept: 'image/*', capture: 'environment' as const } : { accept: ACCEPTED, multiple: true })}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same file can be chosen once more.
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </label>
  );
}
