import { crc32 } from 'node:zlib';

/** Small real pictures that say where and by whom they were taken, as those of phones do. */

/** Grey pictures of 8x8 pixels. */
const JPEG = Buffer.from(
  'ffd8ffe000104a46494600010100000100010000ffdb004300080606070605080707070909080a0c140d0c0b0b0c1912130f141d1a1f1e1d1a1c1c20242e2720222c231c1c2837292c30313434341f27393d38323c2e333432ffdb0043010909090c0b0c180d0d1832211c213232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323232ffc00011080008000803012200021101031101ffc4001500010100000000000000000000000000000004ffc40014100100000000000000000000000000000000ffc40014010100000000000000000000000000000000ffc40014110100000000000000000000000000000000ffda000c03010002110311003f009c007fffd9',
  'hex',
);
const PNG = Buffer.from(
  '89504e470d0a1a0a0000000d49484452000000080000000808020000004b6d29dc0000001449444154089963aca8a860c00698b08a0e5a09001d8701788020daa90000000049454e44ae426082',
  'hex',
);
const WEBP = Buffer.from(
  '52494646240000005745425056503820180000003001009d012a0800080002003425a400037000fed73c0000',
  'hex',
);

/** Words that must not be in what is kept. */
export const PLACE_WORDS = ['GPS-23.0288N', 'Owner-Chen', 'thumbnail-of-a-face', 'photoshop:City', 'hung-on-behind'];

function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** EXIF with an orientation of 6 (turn right), and texts as a phone would have them in its directories. */
function exif(): Buffer {
  const tiff = Buffer.from('49492a0008000000010012010300010000000600000000000000', 'hex');
  return Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from(PLACE_WORDS.slice(0, 3).join('\0'))]);
}

/** A JPEG with EXIF, XMP, a comment and something hung on behind its end. */
export function jpegWithPlace(pixelComment = ''): Buffer {
  const xmp = Buffer.from('http://ns.adobe.com/xap/1.0/\0<x photoshop:City="佛山"/>');
  // Another table of colours makes another file of it.
  const unused =
    pixelComment === '' ? Buffer.alloc(0) : segment(0xdb, Buffer.concat([Buffer.from([3]), Buffer.alloc(64, 7)]));
  return Buffer.concat([
    JPEG.subarray(0, 20),
    segment(0xe1, exif()),
    segment(0xe1, xmp),
    segment(0xfe, Buffer.from('Owner-Chen')),
    unused,
    JPEG.subarray(20),
    Buffer.from('hung-on-behind'),
  ]);
}

function pngChunk(name: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length);
  head.write(name, 4, 'latin1');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), body])));
  return Buffer.concat([head, body, sum]);
}

function webpChunk(name: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 0, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

function numbers(...values: number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => buffer.writeUInt32BE(value, 4 * i));
  return buffer;
}

/** A PNG with texts and EXIF, and something hung on behind its end. */
export function pngWithPlace(): Buffer {
  const texts = [
    pngChunk('tEXt', Buffer.from('Comment\0GPS-23.0288N')),
    pngChunk('eXIf', Buffer.from('II*\0Owner-Chen')),
    pngChunk('iTXt', Buffer.from('XML\0\0\0\0\0photoshop:City thumbnail-of-a-face')),
  ];
  // Behind the header of 8 + 25 bytes.
  return Buffer.concat([PNG.subarray(0, 33), ...texts, PNG.subarray(33), Buffer.from('hung-on-behind')]);
}

/** A WebP with EXIF and XMP, and something hung on behind its end. */
export function webpWithPlace(): Buffer {
  // EXIF and XMP announced, canvas of 8x8.
  const extended = webpChunk('VP8X', Buffer.from([0x0c, 0, 0, 0, 7, 0, 0, 7, 0, 0]));
  const more = [
    webpChunk('EXIF', Buffer.from('II*\0GPS-23.0288N Owner-Chen')),
    webpChunk('XMP ', Buffer.from('photoshop:City thumbnail-of-a-face')),
  ];
  const body = Buffer.concat([Buffer.from('WEBP'), extended, WEBP.subarray(12), ...more]);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.from('hung-on-behind')]);
}

/** An MP4 as far as its boxes go: a picture track, a track of places, and texts about the owner. */
export function mp4WithPlace(): { bytes: Buffer; frames: Buffer } {
  const frames = Buffer.from('frame-one,frame-two,frame-three');
  const places = [Buffer.from('GPS-23.0288N'), Buffer.from('photoshop:City')];
  const data = Buffer.concat([frames, ...places]);
  const type = box('ftyp', Buffer.from('isom'), numbers(0), Buffer.from('isomavc1'));
  const from = type.length + 8;
  const track = (handler: string, offsets: number[], sizes: number[]): Buffer =>
    box(
      'trak',
      box('udta', Buffer.from('Owner-Chen')),
      box(
        'mdia',
        box('hdlr', numbers(0, 0), Buffer.from(handler), numbers(0, 0, 0)),
        box(
          'minf',
          box(
            'stbl',
            box('stsc', numbers(0, 1, 1, 1, 1)),
            box('stsz', numbers(0, 0, sizes.length, ...sizes)),
            box('stco', numbers(0, offsets.length, ...offsets)),
          ),
        ),
      ),
    );
  const placeAt = from + frames.length;
  const movie = box(
    'moov',
    track('vide', [from], [frames.length]),
    track('meta', [placeAt, placeAt + 12], [12, 14]),
    box('udta', box('\u00a9xyz', Buffer.from('+23.0288+113.1'))),
    box('meta', Buffer.from('thumbnail-of-a-face')),
  );
  return { bytes: Buffer.concat([type, box('mdat', data), movie]), frames };
}

export const PLAIN = { 'image/jpeg': JPEG, 'image/png': PNG, 'image/webp': WEBP } as const;
