import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

const INTRODUCTION = 'keyslot contains code of the packages below, under these licences.\n'

/**
 * Writes the licences of the packages that are bundled into a file. What counts is what esbuild put out: a package of
 * which tree-shaking leaves nothing has no notice. Builds that share this plugin write one file for all of them.
 *
 * @throws when a package that is bundled has no licence in its folder
 */
export function thirdPartyNotices(file: string): Plugin {
  const folders = new Set<string>()
  return {
    name: 'third-party notices',
    setup({ initialOptions, onEnd }) {
      initialOptions.metafile = true
      onEnd(({ metafile }) => {
        const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) => Object.entries(output.inputs))
        for (const [path, { bytesInOutput }] of inputs) {
          const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]
          if (folder !== undefined && bytesInOutput > 0) folders.add(folder)
        }
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, [INTRODUCTION, ...[...folders].sort().map(noticeOf)].join(`\n${'-'.repeat(80)}\n\n`))
      })
    },
  }
}

function noticeOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const licence = readdirSync(folder).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry))
  if (licence === undefined) throw new Error(`${name} is bundled, and has no licence that could go with it`)
  return `${name} ${version}\n\n${readFileSync(join(folder, licence), 'utf8').trim()}\n`
}
