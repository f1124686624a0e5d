/** Asks this browser to take push messages from the service. Throws where it cannot or the person does not want to. */
export async function subscribeBrowser(key: string): Promise<Record<string, unknown>> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) {
    throw new Error('this browser takes no push messages (HTTPS is needed)');
  }
  const registration = await navigator.serviceWorker.register('/notify-worker.js');
  await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, keys: { p256dh: keys?.['p256dh'], auth: keys?.['auth'] } };
}
