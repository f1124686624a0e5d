import { PbfWriter } from 'pbf';

export interface MadeVehicle {
  entity: string;
  id?: string;
  label?: string;
  route?: string;
  lat?: number;
  lon?: number;
  /** m/s. */
  speed?: number;
  bearing?: number;
  timestamp?: number;
  isDeleted?: boolean;
}

/** A FeedMessage of GTFS Realtime 2.0, by the numbers of gtfs-realtime.proto. */
export function gtfsFeed({ timestamp, vehicles }: { timestamp: number; vehicles: readonly MadeVehicle[] }): Uint8Array {
  const feed = new PbfWriter();
  feed.writeMessage(
    1,
    (_, header) => {
      header.writeStringField(1, '2.0');
      header.writeVarintField(2, 0);
      header.writeVarintField(3, timestamp);
    },
    null,
  );
  for (const vehicle of vehicles) feed.writeMessage(2, writeEntity, vehicle);
  return feed.finish();
}

function writeEntity({ entity, isDeleted, ...vehicle }: MadeVehicle, pbf: PbfWriter): void {
  pbf.writeStringField(1, entity);
  if (isDeleted) pbf.writeBooleanField(2, true);
  pbf.writeMessage(
    4,
    ({ id, label, route, lat, lon, speed, bearing, timestamp }, body) => {
      when(route, (value) => body.writeMessage(1, (_, trip) => trip.writeStringField(5, value), null));
      when(lat, () =>
        body.writeMessage(
          2,
          (_, place) => {
            when(lat, (value) => place.writeFloatField(1, value));
            when(lon, (value) => place.writeFloatField(2, value));
            when(bearing, (value) => place.writeFloatField(3, value));
            when(speed, (value) => place.writeFloatField(5, value));
          },
          null,
        ),
      );
      when(timestamp, (value) => body.writeVarintField(5, value));
      if (id !== undefined || label !== undefined) {
        body.writeMessage(
          8,
          (_, descriptor) => {
            when(id, (value) => descriptor.writeStringField(1, value));
            when(label, (value) => descriptor.writeStringField(2, value));
          },
          null,
        );
      }
    },
    vehicle,
  );
}

function when<T>(value: T | undefined, write: (value: T) => void): void {
  if (value !== undefined) write(value);
}
