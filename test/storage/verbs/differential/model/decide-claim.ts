/** The decision of a claim as the model makes it: a test that breaks that of the storage leaves this one whole. */
export { decideClaim } from '../../../../../src/domain/decide-claim'
