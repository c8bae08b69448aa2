import { cp, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newFolder } from '../computer'
import { clearFaults, crashOnWrite, failReads, fillDisk } from '../faults'
import { mainComputer, type Payer } from '../payer'
import type { Story } from '../story'
import { onNetwork } from './for-a-while'

const ownFolder = (payer: Payer) => mainComputer(payer).folderOf('owner')

/** What becomes of the app's files. */
export const FOLDER_STORIES: readonly Story[] = [
  {
    name: 'reinstalled, and said goodbye',
    says: 'The uninstaller gives the slot up; the key is typed again.',
    boundDays: 0,
    perYear: 0.5,
    async play({ payer }) {
      await mainComputer(payer).open().deactivate()
      await rm(ownFolder(payer), { recursive: true, force: true })
    },
  },
  {
    name: 'reinstalled without a word',
    says: 'The folder is deleted; the key is typed again.',
    boundDays: 0,
    perYear: 0.5,
    play: ({ payer }) => rm(ownFolder(payer), { recursive: true, force: true }),
  },
  {
    name: 'uninstalled and installed again without network',
    says: 'The uninstaller leaves a ticket; the key is typed when the network is back, a day later.',
    boundDays: 2,
    perYear: 0.3,
    async play(life) {
      onNetwork(life, 'offline', 1)
      await mainComputer(life.payer).open().deactivate()
    },
  },
  {
    name: 'the key typed by hand',
    says: 'In lower case, with O for 0, after the folder was deleted.',
    boundDays: 0,
    perYear: 0.3,
    async play({ payer, after }) {
      await rm(ownFolder(payer), { recursive: true, force: true })
      payer.typed = (key) => ` ${key.toLowerCase().replaceAll('0', 'o')}`
      after(20, () => {
        payer.typed = (key) => key
      })
    },
  },
  {
    name: 'a damaged file',
    says: 'A power cut leaves an empty license.json; the key is typed again.',
    boundDays: 0,
    perYear: 0.3,
    play: ({ payer }) => truncate(join(ownFolder(payer), 'license.json'), 0).catch(() => undefined),
  },
  {
    name: 'a crash in the middle of a write',
    says: 'The app dies while it writes; nobody notices.',
    boundDays: 0,
    perYear: 0.5,
    async play({ payer }) {
      const folder = ownFolder(payer)
      crashOnWrite(folder)
      await mainComputer(payer)
        .open()
        .refresh()
        .catch(() => undefined)
      clearFaults(folder)
    },
  },
  {
    name: 'a full disk for ten days',
    says: 'Nothing can be stored; the app goes on.',
    boundDays: 0,
    perYear: 0.3,
    play({ payer, after }) {
      const folder = ownFolder(payer)
      fillDisk(folder)
      after(10, () => clearFaults(folder))
    },
  },
  {
    name: 'a virus scanner that holds the files',
    says: 'The first reads fail, at each start for three days.',
    boundDays: 0,
    perYear: 0.5,
    play({ payer, after }) {
      const folder = ownFolder(payer)
      failReads(folder)
      after(3, () => clearFaults(folder))
    },
  },
  {
    name: 'a folder put back',
    says: 'The backup of ten days ago is put back.',
    boundDays: 0,
    perYear: 0.4,
    async play({ payer, after }) {
      const { root } = payer.surroundings
      const kept = newFolder(root)
      await cp(ownFolder(payer), kept, { recursive: true }).catch(() => undefined)
      after(10, () => cp(kept, ownFolder(payer), { recursive: true }).catch(() => undefined))
    },
  },
  {
    name: 'a home that moves',
    says: 'The data folder lies on another disk of the same computer from then on.',
    boundDays: 0,
    perYear: 0.3,
    async play({ payer }) {
      const moved = newFolder(payer.surroundings.root)
      await cp(ownFolder(payer), moved, { recursive: true }).catch(() => undefined)
      mainComputer(payer).moveFolder('owner', moved)
    },
  },
  {
    name: 'a stray file in the way',
    says: 'Half a file that some other program left lies beside license.json.',
    boundDays: 0,
    perYear: 0.2,
    play: ({ payer }) => writeFile(join(ownFolder(payer), 'license.json.tmp'), '{"version":1,').catch(() => undefined),
  },
]
