import { connect, type IClientOptions, type IPublishPacket, type MqttClient, type Packet } from 'mqtt';

type Send = (packet: Packet, callback?: (error?: Error) => void, ...rest: never[]) => void;

/** What becomes of a message: it may be acknowledged once the promise is fulfilled, and never when it is rejected. */
export type Accept = (topic: string, payload: Buffer) => Promise<void>;

/**
 * Connects to a broker so that a message of QoS 1 is acknowledged when it was dealt with, while the next ones come in
 * already. The client itself waits for one acknowledgement before it reads the next message, which would make a commit of each
 * message; so its acknowledgements are held back here and sent when `accept` says so.
 *
 * A connection that ends takes its acknowledgements with it: the broker sends those messages again, under numbers that may
 * mean others by then.
 */
export function connectAcking(url: string, options: IClientOptions, accept: Accept): MqttClient {
  const client = connect(url, options);
  let connection = 0;
  client.on('close', () => (connection += 1));
  const send: Send = client['_sendPacket'].bind(client);
  // Its callback lets the client go on reading.
  const hold: Send = (packet, callback, ...rest) => {
    if (packet.cmd === 'puback') callback?.();
    else send(packet, callback, ...rest);
  };
  client['_sendPacket'] = hold;
  client.handleMessage = (packet, callback) => {
    const { topic, payload, messageId, qos } = packet as IPublishPacket;
    const of = connection;
    accept(topic, payload as Buffer).then(
      () => {
        if (qos === 1 && of === connection && client.connected) send({ cmd: 'puback', messageId, reasonCode: 0 });
      },
      // Who accepts has told of it; the broker sends it again.
      () => undefined,
    );
    callback();
  };
  return client;
}
