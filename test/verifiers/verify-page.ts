import { readFileSync } from 'node:fs'
import { LANGUAGES } from './languages'

export const PAGE = new URL('../../docs/verify.md', import.meta.url)

/**
 * The page with the code of each language as its file has it: the first block below the language's heading.
 * @throws {Error} when the page has no block for a language
 */
export function withCode(page: string): string {
  return LANGUAGES.reduce((text, { name, file }) => {
    const block = new RegExp(`(?<=\n### ${name}\n(?:(?!\n#)[^])*?\n\`\`\`\\w+\n)[^]*?(?=\`\`\`\n)`)
    if (!block.test(text)) throw new Error(`docs/verify.md has no code of ${name}`)
    const code = readFileSync(new URL(`../../examples/verify/${file}`, import.meta.url), 'utf8')
    return text.replace(block, () => code)
  }, page)
}
