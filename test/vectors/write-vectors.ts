/** Writes examples/verify/vectors.json. Usage: npm run write:vectors */
import { writeFile } from 'node:fs/promises'
import { allVectors } from './vectors'

await writeFile(
  new URL('../../examples/verify/vectors.json', import.meta.url),
  `${JSON.stringify(allVectors(), null, 2)}\n`,
)
