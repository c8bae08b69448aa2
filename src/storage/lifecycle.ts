import { LicenseError } from '../protocol/license-error'

/** Opens once, closes once, and cuts off nothing that is under way. */
export interface Lifecycle<C> {
  /** Connects; callers that come meanwhile wait for the same connection. Can be opened again once closed. */
  open(): Promise<void>
  /** Waits for what is under way, then disconnects. From its call on, `during` refuses. */
  close(): Promise<void>
  /**
   * Does `work` on the connection, which stays open until it is done.
   * @throws {LicenseError} STORAGE_UNAVAILABLE when it is not open
   */
  during<T>(work: (connection: C) => Promise<T>): Promise<T>
  /** @throws {LicenseError} STORAGE_UNAVAILABLE when it is not open */
  connection(): C
}

/** @param name what is opened, for messages */
export function createLifecycle<C extends object>(
  name: string,
  connect: () => Promise<C>,
  disconnect: (connection: C) => void | Promise<void>,
): Lifecycle<C> {
  let connected: C | undefined
  let opening: Promise<void> | undefined
  let closing: Promise<void> | undefined
  let underWay = 0
  let onIdle: (() => void) | undefined

  async function close() {
    await opening?.catch(() => undefined)
    if (connected === undefined) return
    if (underWay > 0) {
      await new Promise<void>((resolve) => {
        onIdle = resolve
      })
    }
    await disconnect(connected)
    connected = undefined
  }

  function connection(): C {
    if (connected === undefined) throw new LicenseError('STORAGE_UNAVAILABLE', `${name} is not open`)
    return connected
  }

  return {
    async open() {
      await closing
      if (connected !== undefined) return
      opening ??= connect()
        .then((made) => {
          connected = made
        })
        .finally(() => {
          opening = undefined
        })
      await opening
    },

    async close() {
      closing ??= close().finally(() => {
        closing = undefined
      })
      await closing
    },

    async during(work) {
      if (closing !== undefined) throw new LicenseError('STORAGE_UNAVAILABLE', `${name} is being closed`)
      const current = connection()
      underWay++
      try {
        return await work(current)
      } finally {
        underWay--
        if (underWay === 0) onIdle?.()
      }
    },

    connection,
  }
}
