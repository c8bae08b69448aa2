/** This package's version; inlined by the build. */
export { version as packageVersion } from '../../package.json'
