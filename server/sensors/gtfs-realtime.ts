import { PbfReader } from 'pbf';

/** A vehicle of a GTFS Realtime feed (VehiclePosition of GTFS-RT 2.0), as far as it says where it is. */
export interface FeedVehicle {
  vehicle: string;
  /** ms since 1970. */
  at: number;
  lon: number;
  lat: number;
  /** km/h; the feed has m/s. */
  speed?: number;
  bearing?: number;
  /** Route of its trip. */
  label?: string;
}

interface Draft {
  id: string;
  label: string;
  route: string;
  timestamp: number;
  lat: number;
  lon: number;
  speed: number;
  bearing: number;
}

// Field numbers of https://gtfs.org/documentation/realtime/proto/. Each reader is called for one field of its message.

function readPosition(tag: number, draft: Draft, pbf: PbfReader): void {
  if (tag === 1) draft.lat = pbf.readFloat();
  else if (tag === 2) draft.lon = pbf.readFloat();
  else if (tag === 3) draft.bearing = pbf.readFloat();
  else if (tag === 5) draft.speed = pbf.readFloat();
}

function readTrip(tag: number, draft: Draft, pbf: PbfReader): void {
  if (tag === 5) draft.route = pbf.readString();
}

function readDescriptor(tag: number, draft: Draft, pbf: PbfReader): void {
  if (tag === 1) draft.id = pbf.readString();
  else if (tag === 2) draft.label = pbf.readString();
}

function readVehicle(tag: number, draft: Draft, pbf: PbfReader): void {
  if (tag === 1) pbf.readMessage(readTrip, draft);
  else if (tag === 2) pbf.readMessage(readPosition, draft);
  else if (tag === 5) draft.timestamp = pbf.readVarint();
  else if (tag === 8) pbf.readMessage(readDescriptor, draft);
}

interface Entity {
  id: string;
  isDeleted: boolean;
  vehicle: Draft | null;
}

function readEntity(tag: number, entity: Entity, pbf: PbfReader): void {
  if (tag === 1) entity.id = pbf.readString();
  else if (tag === 2) entity.isDeleted = pbf.readBoolean();
  else if (tag === 4) {
    const none = Number.NaN;
    entity.vehicle ??= { id: '', label: '', route: '', timestamp: 0, lat: none, lon: none, speed: none, bearing: none };
    pbf.readMessage(readVehicle, entity.vehicle);
  }
}

interface Feed {
  timestamp: number;
  entities: Entity[];
}

function readHeader(tag: number, feed: Feed, pbf: PbfReader): void {
  if (tag === 3) feed.timestamp = pbf.readVarint();
}

function readFeed(tag: number, feed: Feed, pbf: PbfReader): void {
  if (tag === 1) pbf.readMessage(readHeader, feed);
  else if (tag === 2) {
    const entity: Entity = { id: '', isDeleted: false, vehicle: null };
    pbf.readMessage(readEntity, entity);
    feed.entities.push(entity);
  }
}

/**
 * Reads the vehicles of a FeedMessage. A vehicle without a time of its own has that of the feed; one without an id has that of
 * its entity.
 * @throws an Error for what is no protocol buffer of this kind
 */
export function readGtfsRealtime(bytes: Uint8Array): FeedVehicle[] {
  const feed: Feed = { timestamp: 0, entities: [] };
  new PbfReader(bytes).readFields(readFeed, feed);
  if (feed.timestamp === 0 && feed.entities.length === 0) throw new Error('no header and no entity');
  return feed.entities.flatMap(({ id, isDeleted, vehicle }): FeedVehicle[] => {
    if (isDeleted || vehicle === null || Number.isNaN(vehicle.lat) || Number.isNaN(vehicle.lon)) return [];
    const label = vehicle.route || vehicle.label;
    return [
      {
        vehicle: vehicle.id || id,
        at: (vehicle.timestamp || feed.timestamp) * 1000,
        lon: rounded(vehicle.lon, 6),
        lat: rounded(vehicle.lat, 6),
        ...(Number.isNaN(vehicle.speed) ? {} : { speed: rounded(vehicle.speed * 3.6, 1) }),
        ...(Number.isNaN(vehicle.bearing) ? {} : { bearing: rounded(vehicle.bearing, 1) }),
        ...(label === '' ? {} : { label }),
      },
    ];
  });
}

/** Floats of 32 bits: more digits than these are not in them. */
function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
