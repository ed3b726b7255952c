/** Acts when nothing has been heard for too long. */
export class Silence {
  private readonly timer: NodeJS.Timeout;
  private brokenAtMs = performance.now();
  private isOver = false;

  constructor(act: () => void, limitMs: number) {
    const decide = (): void => {
      if (this.isOver) return;
      if (performance.now() - this.brokenAtMs >= limitMs) act();
      else this.timer.refresh();
    };
    // Not before what has arrived is read: after a pause of the whole process, that is what the silence was.
    this.timer = setTimeout(() => setImmediate(decide), limitMs).unref();
  }

  /** Something was heard. */
  break(): void {
    this.brokenAtMs = performance.now();
    this.timer.refresh();
  }

  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }
}
