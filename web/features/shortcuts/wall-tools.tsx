import { useTranslation } from 'react-i18next';

export interface WallTool {
  id: 'follow' | 'sound' | 'night' | 'handover' | 'help';
  /** Of a switch: whether it is on; left out for what is done once. */
  isOn?: boolean;
  /** The key that does the same. */
  letter: string;
  onUse: () => void;
}

const paths: Record<WallTool['id'], string> = {
  follow: 'M12 3v4M12 17v4M3 12h4M17 12h4M12 8.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7',
  sound: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a7.5 7.5 0 0 1 0 11',
  night: 'M19 14.5A7.5 7.5 0 1 1 9.5 5a6 6 0 0 0 9.5 9.5z',
  handover: 'M6 4h12v16H6zM9 9h6M9 12.5h6M9 16h4',
  help: 'M9 9.2a3 3 0 1 1 4.4 2.7c-1 .5-1.4 1.1-1.4 2.3M12 17.6v.4',
};

/** What the wall can do for those in front of it, each by a button and by a key. */
export function WallTools({ tools }: { tools: readonly WallTool[] }) {
  const { t } = useTranslation();
  return (
    <div className="om-wall-tools" role="toolbar" aria-label={t('wall.tools')}>
      {tools.map(({ id, isOn, letter, onUse }) => (
        <button
          key={id}
          type="button"
          aria-pressed={isOn}
          aria-label={t(`wall.tool.${id}`)}
          aria-keyshortcuts={letter}
          title={`${t(`wall.tool.${id}`)} (${letter})`}
          onClick={onUse}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path
              d={paths[id]}
              fill="none"
              stroke="currentColor"
              strokeWidth="1.8"
              strokeLinecap="round"
              strokeLinejoin="round"
            />
          </svg>
        </button>
      ))}
    </div>
  );
}
