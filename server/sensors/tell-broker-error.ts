/** What is wrong with the certificate of a broker, by the codes of OpenSSL. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority that is not known here',
  CERT_SIGNATURE_FAILURE: 'is signed by an authority that is not known here',
  CERT_HAS_EXPIRED: 'has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is that of another host',
};

/** Why a broker is not talked to, in words for whoever set it up, where the error itself needs knowledge of TLS. */
export function tellBrokerError(error: Error): Error {
  const code = (error as { code?: unknown }).code;
  const what = typeof code === 'string' ? CERTIFICATE[code] : undefined;
  if (what !== undefined) {
    return new Error(`the certificate of the broker ${what} (${code}): see MQTT_URL and MQTT_CA`, { cause: error });
  }
  // The broker ends the handshake: it wants a certificate, or another one.
  if (typeof code === 'string' && /^ERR_SSL_(TLSV1[0-9]?_ALERT|SSLV3_ALERT|SSL\/TLS_ALERT|TLSV13_ALERT)/.test(code)) {
    return new Error(`the broker refuses this service (${code}): see MQTT_CERT and MQTT_KEY`, { cause: error });
  }
  return error;
}
