/** Icons of point layers as pictures of the map: light ink on dark colours, dark ink on light ones. */
import type { Map as MapLibreMap } from 'maplibre-gl';

export type Ink = 'light' | 'dark';

const INKS: Readonly<Record<Ink, string>> = { light: '#ffffff', dark: '#1d2329' };
/** Pixels of the drawn picture for one of the map's. */
const PIXEL_RATIO = 3;
/** Width and height on the map, pixels. */
const SIZE = 13;

/** Id of an icon's picture in the map's style. */
export function iconImage(icon: string, ink: Ink): string {
  return `icon:${icon}:${ink}`;
}

/** Ink that stands out from a colour `#rrggbb`: dark where its relative luminance (WCAG 2) is high. */
export function inkOn(color: string): Ink {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.3 ? 'dark' : 'light';
}

/** Icon and ink of a picture's id, or null when it is not one of ours. */
export function iconOfImage(id: string): { icon: string; ink: Ink } | null {
  const match = /^icon:([a-z]+\/[a-z0-9_-]+):(light|dark)$/.exec(id);
  return match ? { icon: match[1] as string, ink: match[2] as Ink } : null;
}

/** Draws the pictures that layers ask for. An icon that cannot be had leaves its circles as they are. */
export function serveIcons(map: MapLibreMap): void {
  const asked = new Set<string>();
  map.on('styleimagemissing', ({ id }) => {
    const wanted = iconOfImage(id);
    if (!wanted || asked.has(id)) return;
    asked.add(id);
    drawIcon(wanted.icon, wanted.ink)
      .then((picture) => {
        if (!map.hasImage(id)) map.addImage(id, picture, { pixelRatio: PIXEL_RATIO });
      })
      .catch(() => asked.delete(id));
  });
}

async function drawIcon(icon: string, ink: Ink): Promise<ImageData> {
  const answer = await fetch(`/api/icons/${icon}`);
  if (!answer.ok) throw new Error(`${icon}: ${answer.status}`);
  const svg = (await answer.text()).replace('<svg', `<svg fill="${INKS[ink]}"`);
  const picture = new Image();
  picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await picture.decode();
  const pixels = SIZE * PIXEL_RATIO;
  const canvas = document.createElement('canvas');
  canvas.width = pixels;
  canvas.height = pixels;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas to draw on');
  context.drawImage(picture, 0, 0, pixels, pixels);
  return context.getImageData(0, 0, pixels, pixels);
}
