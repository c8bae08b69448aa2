import type { Fault } from './conformance-fault'
import { coreFaults } from './conformance-faults-core'
import { publishedFaults } from './conformance-faults-published'
import { sessionFaults } from './conformance-faults-sessions'

/** What goes wrong in adapters, each on its own. */
export const faults: Readonly<Record<string, Fault>> = { ...coreFaults, ...sessionFaults, ...publishedFaults }
