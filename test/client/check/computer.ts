import { createLicenseKit, type LicenseKit, type LicenseKitOptions } from '../../../src/client'
import { type FakeLicenseServer, PUBLISHABLE_TOKEN } from '../fake-license-server'
import { temporaryDir } from '../temporary-dir'
import { HOST_ID, NOW, PRODUCT_ID } from '../token-factory'

/** Never a mistake of the wall clock's; the computer restarts at its own. */
type Battery = 'good' | 'dead-1970' | 'dead-2106'

const OFFLINE = () => Promise.reject(new TypeError('fetch failed'))
const AT_2106 = Date.UTC(2106, 0, 1) / 1000

/** A computer with true time, a wall clock that need not be right, and an uptime. The server has its own mistake. */
export class Computer {
  /** True time, seconds after the activation. */
  time = 0
  /** How far the wall clock is ahead. */
  ahead = 0
  /** How far the server's clock is ahead. */
  serverAhead = 0
  online = true
  battery: Battery = 'good'
  readonly #server: FakeLicenseServer
  readonly #dataDir: string
  #bootedAt = -1_000

  private constructor(server: FakeLicenseServer, dataDir: string) {
    this.#server = server
    this.#dataDir = dataDir
  }

  static async of(server: FakeLicenseServer): Promise<Computer> {
    return new Computer(server, await temporaryDir())
  }

  get dataDir(): string {
    return this.#dataDir
  }

  /** Seconds after the activation, by the wall clock. */
  get wall(): number {
    return this.time + this.ahead
  }

  get uptime(): number {
    return this.time - this.#bootedAt
  }

  /** Time passes, awake or asleep. */
  pass(seconds: number): void {
    this.time += seconds
  }

  /** A virtual machine that is paused for so long, and set right by its host: its uptime has stood still. */
  pause(seconds: number): void {
    this.time += seconds
    this.#bootedAt += seconds
  }

  /** Is off for so long; a dead battery starts the clock at its own date. */
  restart(offSeconds: number): void {
    this.pass(offSeconds)
    this.#bootedAt = this.time
    if (this.battery === 'dead-1970') this.ahead = -NOW.getTime() / 1000 - this.time
    if (this.battery === 'dead-2106') this.ahead = AT_2106 - NOW.getTime() / 1000 - this.time
  }

  /** A process of the app. */
  app(options: Partial<LicenseKitOptions> = {}): LicenseKit {
    const { key, url } = this.#server
    this.#server.now = new Date(NOW.getTime() + (this.time + this.serverAhead) * 1000)
    return createLicenseKit({
      serverUrl: url,
      productId: PRODUCT_ID,
      accessToken: PUBLISHABLE_TOKEN,
      trustedKeys: [key.jwk],
      appName: 'acme-editor',
      dataDir: this.#dataDir,
      hostId: HOST_ID,
      now: () => new Date(NOW.getTime() + this.wall * 1000),
      uptime: () => this.uptime,
      maxTries: 1,
      ...(this.online ? {} : { fetch: OFFLINE }),
      ...options,
    })
  }
}
