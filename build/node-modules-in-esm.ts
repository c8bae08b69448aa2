import { builtinModules } from 'node:module'
import type { Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/**
 * Lets CommonJS packages be bundled into ES modules. Such a package asks for Node's own modules by `require`, which an ES
 * module has none of, neither ours nor that of an app that bundles ours. They come from `process.getBuiltinModule`.
 */
export const nodeModulesInEsm: Plugin = {
  name: "Node's own modules in ES modules",
  setup({ onResolve, onLoad }) {
    const builtin = new RegExp(`^(node:.*|${builtinModules.join('|')})$`)
    onResolve({ filter: builtin }, ({ path, kind }) =>
      kind === 'require-call' ? { path, namespace: 'node-builtin' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'node-builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}
