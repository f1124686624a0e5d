/** A first-come, first-served lock on the one backend. */
export class Ownership<T> {
  private holder: T | null = null;
  private waiting: { who: T; grant: (granted: boolean) => void }[] = [];

  get owner(): T | null {
    return this.holder;
  }

  get contended(): boolean {
    return this.waiting.length > 0;
  }

  /** Resolves to true when `who` owns the backend (at once if it does already), to false when `leave` was called first. */
  acquire(who: T): Promise<boolean> {
    if (this.holder === who) return Promise.resolve(true);
    if (this.holder === null) {
      this.holder = who;
      return Promise.resolve(true);
    }
    return new Promise((grant) => this.waiting.push({ who, grant }));
  }

  /** Passes the backend on. Only the owner may call it. */
  release(who: T): void {
    if (this.holder !== who) throw new Error('release by one who is not the owner');
    const next = this.waiting.shift();
    this.holder = next?.who ?? null;
    next?.grant(true);
  }

  /** Stops waiting. An owner stays owner. */
  leave(who: T): void {
    const left = this.waiting.filter((entry) => entry.who === who);
    this.waiting = this.waiting.filter((entry) => entry.who !== who);
    for (const entry of left) entry.grant(false);
  }
}
