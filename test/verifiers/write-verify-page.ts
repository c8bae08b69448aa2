/** Writes the code of each language into docs/verify.md. Usage: npm run write:verify-page */
import { readFileSync, writeFileSync } from 'node:fs'
import { PAGE, withCode } from './verify-page'

writeFileSync(PAGE, withCode(readFileSync(PAGE, 'utf8')))
