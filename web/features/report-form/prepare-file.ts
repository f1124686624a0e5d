/** Makes of a chosen file what is sent: photos smaller and without what they say beside their picture, films as they are. */
import { readPhotoPlace, type PhotoPlace } from './photo-place.ts';

/** Files of one report, and bytes of a photo and of a film: what the server takes. */
export const MOST_FILES = 6;
export const MOST_PHOTO_MIB = 8;
export const MOST_VIDEO_MIB = 32;
const MIB = 1024 ** 2;
/** Pixels of the longer side: enough to read a door plate, little enough for a phone's line. */
const LONGEST_SIDE = 2560;
const QUALITY = 0.86;

export type Phase = 'report' | 'before' | 'after';

export interface PreparedFile {
  id: string;
  phase: Phase;
  kind: 'photo' | 'video';
  name: string;
  blob: Blob;
  /** Where it says that it was taken; it is not in what is sent. */
  place: PhotoPlace | null;
}

export type FileFault = 'kind' | 'unreadable' | 'photoTooLarge' | 'videoTooLarge';

/** The file as it will be sent, or why it cannot be. */
export async function prepareFile(file: File, phase: Phase, id: string): Promise<PreparedFile | FileFault> {
  const common = { id, phase, name: file.name };
  if (file.type.startsWith('video/')) {
    if (file.type !== 'video/mp4' && file.type !== 'video/quicktime') return 'kind';
    return file.size > MOST_VIDEO_MIB * MIB ? 'videoTooLarge' : { ...common, kind: 'video', blob: file, place: null };
  }
  // A drawing with scripts in it is no photo.
  if (!file.type.startsWith('image/') || file.type === 'image/svg+xml') return 'kind';
  const place = readPhotoPlace(new Uint8Array(await file.arrayBuffer()));
  const blob = await drawAgain(file);
  if (blob === null) return 'unreadable';
  return blob.size > MOST_PHOTO_MIB * MIB ? 'photoTooLarge' : { ...common, kind: 'photo', blob, place };
}

/** The picture alone, as a JPEG, the right way up; null where this browser cannot read it. */
async function drawAgain(file: File): Promise<Blob | null> {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (bitmap === null) return null;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
}
