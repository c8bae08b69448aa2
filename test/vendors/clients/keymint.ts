import type { VendorClient } from '../exchange'
import { life, type Spelling } from './keymint-life'

const BEFORE: Spelling = {
  wire: 'before',
  contentType: 'always',
  noHost: 'absent',
  toggles: 'query',
  listsKeys: true,
  idempotent: true,
}
const NEWER: Spelling = { ...BEFORE, wire: '2026-09' }

export const KEYMINT: readonly VendorClient[] = [
  {
    id: 'keymint-node-before',
    name: 'KeyMint for Node',
    versions: 'before 1.5',
    source: 'github.com/keymint-dev/Keymint-nodejs',
    exchanges: life({ ...BEFORE, toggles: 'query-with-body' }),
  },
  {
    id: 'keymint-node',
    name: 'KeyMint for Node',
    versions: '1.5',
    source: 'github.com/keymint-dev/Keymint-nodejs',
    exchanges: life({ ...NEWER, toggles: 'query-with-body' }),
  },
  {
    id: 'keymint-python-before',
    name: 'KeyMint for Python',
    versions: 'before 2.5',
    source: 'github.com/keymint-dev/Keymint-python',
    exchanges: life({ ...BEFORE, toggles: 'never' }),
  },
  {
    id: 'keymint-python',
    name: 'KeyMint for Python',
    versions: '2.5',
    source: 'github.com/keymint-dev/Keymint-python',
    exchanges: life(NEWER),
  },
  {
    id: 'keymint-csharp-before',
    name: 'KeyMint for C#',
    versions: 'before 1.5',
    source: 'github.com/keymint-dev/Keymint-CSharp',
    exchanges: life({ ...BEFORE, contentType: 'with-body', noHost: 'null' }),
  },
  {
    id: 'keymint-csharp',
    name: 'KeyMint for C#',
    versions: '1.5',
    source: 'github.com/keymint-dev/Keymint-CSharp',
    exchanges: life({ ...NEWER, contentType: 'with-body', noHost: 'null' }),
  },
  {
    id: 'keymint-go-before',
    name: 'KeyMint for Go',
    versions: 'before September 2026',
    source: 'github.com/keymint-dev/Keymint-Go',
    exchanges: life({ ...BEFORE, toggles: 'body', listsKeys: false, idempotent: false }),
  },
  {
    id: 'keymint-go',
    name: 'KeyMint for Go',
    versions: 'of September 2026',
    source: 'github.com/keymint-dev/Keymint-Go',
    exchanges: life({ ...NEWER, toggles: 'body', idempotent: false }),
  },
]
