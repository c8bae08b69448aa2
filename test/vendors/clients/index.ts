import type { VendorClient } from '../exchange'
import { AUTHTOOL } from './authtool'
import { AUTHTOOL_CLIENTS } from './authtool-client'
import { KEYMINT } from './keymint'
import { KEYMINT_TAURI } from './keymint-tauri'
import { KEYMINT_V1 } from './keymint-v1'

/** Every client that is known; another one is a file here, and a line. */
export const CLIENTS: readonly VendorClient[] = [...KEYMINT, KEYMINT_V1, KEYMINT_TAURI, AUTHTOOL, ...AUTHTOOL_CLIENTS]
