/** Stands before each text of an RFC 8142 sequence. */
export const RECORD_SEPARATOR = '\u001e';

const UNKNOWN = -1;
const DONE = -2;

/**
 * Cuts the features out of a GeoJSON byte stream, one JSON text each, without holding the collection in memory. Works
 * on FeatureCollections, on a lone Feature, and on sequences of Features (one per line, or RFC 8142).
 */
export class FeatureCutter {
  /** JSON text before and after the features, without them: `{"type":"FeatureCollection","crs":{…},"features":[]…}`. */
  envelope = '';
  /** True when the features were found inside a `features` array. */
  isCollection = false;

  private depth = 0;
  private inString = false;
  private escaped = false;
  /** Depth at which feature objects begin: 0 for a sequence, 2 inside a collection. */
  private featureDepth = UNKNOWN;
  private pieces: Buffer[] = [];
  private pieceBytes = 0;
  private keyTail = '';
  private readonly maxFeature: number;
  private readonly onFeature: (json: Buffer) => void;

  constructor(onFeature: (json: Buffer) => void, maxFeature: number) {
    this.onFeature = onFeature;
    this.maxFeature = maxFeature;
  }

  /** Takes the next bytes. Throws RangeError when one feature is larger than allowed. */
  push(bytes: Buffer): void {
    let start = this.pieces.length > 0 ? 0 : -1;
    let outside = this.pieces.length > 0 ? -1 : 0;
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i] as number;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === 0x5c) this.escaped = true;
        else if (byte === 0x22) this.inString = false;
        continue;
      }
      if (byte === 0x22) {
        this.inString = true;
      } else if (byte === 0x7b) {
        if (this.featureDepth === this.depth && start < 0) {
          if (outside >= 0) this.keep(bytes, outside, i);
          outside = -1;
          start = i;
        }
        this.depth += 1;
      } else if (byte === 0x5b) {
        if (this.featureDepth === UNKNOWN && this.depth === 1) {
          this.keep(bytes, outside, i);
          outside = i;
          if (/"features"\s*:\s*$/.test(this.keyTail)) {
            this.featureDepth = 2;
            this.isCollection = true;
          }
        }
        this.depth += 1;
      } else if (byte === 0x7d || byte === 0x5d) {
        this.depth -= 1;
        if (byte === 0x7d && start >= 0 && this.depth === this.featureDepth) {
          this.finish(bytes.subarray(start, i + 1));
          start = -1;
          outside = i + 1;
        } else if (this.depth === 1 && this.featureDepth === 2) {
          // The end of the features: objects that follow, such as a `crs` member, are not features.
          this.featureDepth = DONE;
        }
      }
    }
    if (start >= 0) this.carry(bytes.subarray(start));
    else if (outside >= 0) this.keep(bytes, outside, bytes.length);
  }

  /** True when the text ended inside an object or string: the file is cut short. */
  get isUnfinished(): boolean {
    return this.depth !== 0 || this.inString;
  }

  /** Treats every top-level object as a feature. */
  readSequence(): void {
    this.featureDepth = 0;
  }

  private finish(last: Buffer): void {
    if (this.pieces.length === 0) {
      this.onFeature(last);
      return;
    }
    this.pieces.push(last);
    const whole = Buffer.concat(this.pieces);
    this.pieces = [];
    this.pieceBytes = 0;
    this.onFeature(whole);
  }

  private carry(piece: Buffer): void {
    this.pieceBytes += piece.length;
    if (this.pieceBytes > this.maxFeature) throw new RangeError('feature too large');
    this.pieces.push(Buffer.from(piece));
  }

  private keep(bytes: Buffer, from: number, to: number): void {
    const text = bytes.toString('utf8', from, to);
    this.keyTail = (this.keyTail + text).slice(-64);
    // Between features there are only commas and white space; they are not worth keeping.
    if (this.featureDepth >= 0 && /^[\s,]*$/.test(text.replaceAll(RECORD_SEPARATOR, ''))) return;
    if (this.envelope.length < 1 << 20) this.envelope += text;
  }
}
