/** For installers that run a script of their own: frees this computer's slot, quietly, in at most 3 seconds. */
import { runUninstall } from 'keyslot/client'
import { APP_NAME, DATA_DIR } from './licensing'

process.exitCode = (await runUninstall({ appName: APP_NAME, dataDir: DATA_DIR })).exitCode
