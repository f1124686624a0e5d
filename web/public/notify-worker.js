// Shows what the push service brings while no page is open. Its words come encrypted from the service itself.
self.addEventListener('push', (event) => {
  const { id, title, text, link, severity } = event.data?.json() ?? {};
  if (!title) return;
  event.waitUntil(
    self.registration.showNotification(title, {
      body: text,
      // The same message again replaces itself.
      tag: id,
      data: { link },
      requireInteraction: severity === 1,
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  // Only places of this dashboard are opened.
  const link = new URL(event.notification.data?.link ?? '/', self.location.origin);
  const here = new URL(link.pathname + link.search, self.location.origin);
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then((pages) => {
      const [page] = pages;
      return page ? page.focus().then(() => page.navigate(here.href)) : self.clients.openWindow(here.href);
    }),
  );
});
