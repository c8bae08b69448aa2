import type { Fault } from './conformance-fault'
import { coreFaults } from './conformance-faults-core'
import { importedFaults } from './conformance-faults-imported'
import { publishedFaults } from './conformance-faults-published'
import { sessionFaults } from './conformance-faults-sessions'
import { transferFaults } from './conformance-faults-transfer'

/** What goes wrong in adapters, each on its own. */
export const faults: Readonly<Record<string, Fault>> = {
  ...coreFaults,
  ...sessionFaults,
  ...publishedFaults,
  ...transferFaults,
  ...importedFaults,
}
