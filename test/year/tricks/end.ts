import { onItsDisk, type Rider } from '../rider'

/**
 * What was paid for ends: the money is asked back, and the license is blocked. On the same morning each computer has renewed its
 * license token once more.
 */
export function whenPaidEnds(rider: Rider, then: () => unknown): void {
  rider.after(rider.endsOn - 1, async () => {
    if (rider.paid > 0) {
      for (const computer of rider.computers) await onItsDisk(rider, computer, () => computer.open().refresh())
      await rider.vendor.licensing().licenses.block(rider.key)
      rider.paid = 0
    }
    await then()
  })
}

export function goOffline({ computers }: Rider): void {
  for (const computer of computers) computer.network = 'offline'
}
