/** Remembers being rung until somebody listens. */
export class Bell {
  hasRung = false
  private answer = () => {}

  ring(): void {
    this.hasRung = true
    this.answer()
  }

  /** From here on, `hasRung` tells of later rings. */
  listen(): void {
    this.hasRung = false
  }

  /** Resolves when it rings, or has rung since `listen`. */
  heard(): Promise<void> {
    if (this.hasRung) return Promise.resolve()
    return new Promise((resolve) => {
      this.answer = resolve
    })
  }
}
