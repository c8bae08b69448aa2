import type { MachineProbes } from './machine-id'

/**
 * Whether this process runs in a container. Its machine id is the image's there, and many containers share it. A file or a
 * variable alone says so on any computer, and would make a copied data folder the same host everywhere: they do not count
 * where this is plainly a whole machine.
 */
export async function isContainer(probes: MachineProbes): Promise<boolean> {
  const { platform, env, exists } = probes
  if (platform !== 'linux') return false
  const isMarked = exists('/.dockerenv') || exists('/run/.containerenv') || (env.KUBERNETES_SERVICE_HOST ?? '') !== ''
  if (!isMarked) return false
  const part = await import('./whole-machine').catch(() => undefined)
  return !(await part?.isWholeMachine(probes))
}
