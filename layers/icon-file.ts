const FOLDERS: Readonly<Record<string, string>> = {
  maki: '@mapbox/maki/icons',
  temaki: '@rapideditor/temaki/icons',
};

/** File of an icon named as `maki/<name>` or `temaki/<name>`, or null when the name has another form. It need not exist. */
export function iconFile(icon: string): string | null {
  const match = /^(maki|temaki)\/([a-z0-9][a-z0-9_-]*)$/.exec(icon);
  const folder = FOLDERS[match?.[1] ?? ''];
  return folder === undefined ? null : `${import.meta.dirname}/../node_modules/${folder}/${match?.[2]}.svg`;
}
