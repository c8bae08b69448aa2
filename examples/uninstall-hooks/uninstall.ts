/** What the hooks run: frees this computer's slot, quietly, and is gone within three seconds of its start. */
import { runUninstall } from 'keyslot/client'

/** As given to `createLicenseKit`. */
const APP_NAME = 'acme-editor'

void runUninstall({ appName: APP_NAME }).then(({ exitCode }) => process.exit(exitCode))
