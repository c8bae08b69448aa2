import type { Fault } from './conformance-fault'
import { allowanceFaults } from './conformance-faults-allowances'
import { coreFaults } from './conformance-faults-core'
import { deviceUserFaults } from './conformance-faults-device-users'
import { displacedFaults } from './conformance-faults-displaced'
import { hostUserFaults } from './conformance-faults-host-users'
import { importedFaults } from './conformance-faults-imported'
import { moveFaults } from './conformance-faults-moves'
import { proofFaults } from './conformance-faults-proof'
import { publishedFaults } from './conformance-faults-published'
import { restingFaults } from './conformance-faults-resting'
import { revocationFaults } from './conformance-faults-revocations'
import { sessionFaults } from './conformance-faults-sessions'
import { transferFaults } from './conformance-faults-transfer'
import { unseenFaults } from './conformance-faults-unseen'

/** What goes wrong in stores, each on its own. */
export const faults: Readonly<Record<string, Fault>> = {
  ...coreFaults,
  ...moveFaults,
  ...proofFaults,
  ...hostUserFaults,
  ...deviceUserFaults,
  ...displacedFaults,
  ...restingFaults,
  ...unseenFaults,
  ...sessionFaults,
  ...revocationFaults,
  ...publishedFaults,
  ...allowanceFaults,
  ...transferFaults,
  ...importedFaults,
}
