/**
 * What the conformance kit tries, and which of its groups notices which broken adapter: the tables in the guide for
 * adapter authors. `npx tsx test/storage/verbs/kit-faults/verdict-table.ts` writes them into the guide; adapter-guide.test.ts
 * holds the guide to them, conformance.broken.test.ts the verdicts to what the kit really says.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { allGroups } from '../kit'
import { faults } from './conformance-faults'

export const GUIDE = fileURLToPath(new URL('../../../../docs/write-a-storage-adapter.md', import.meta.url))

const BEGIN = '<!-- tables of the kit: written by test/storage/verbs/kit-faults/verdict-table.ts -->'
const END = '<!-- end of the tables of the kit -->'

/** In a few words, group by group. */
const TRIES: Readonly<Record<string, string>> = {
  'handle, signing keys, accounts':
    'Opening, closing twice, ping, capabilities as declared, one account of many inserts',
  products: 'Package ids that count up over all accounts, at once too; changes; order',
  'product versions': 'Versions under their own product, cleared with null',
  customers: 'An email once per account in its canonical form, under races; toggles; deletion with all below',
  'access tokens': 'By hash, revoked and expired too; revoked once',
  'new licenses': 'All or none, customer included; taken keys; a step that fails half-way',
  licenses: 'Changes, null and absence told apart; token generations; gone and foreign; deletion',
  'a new customer for a license': 'Stored with the change, refused, or reused, under races too',
  claims: 'Every outcome, in the order of the contract; the rows after the step; expiry to the millisecond',
  activations: 'Releases, resets, last-seen times that never go back, order',
  moves: 'A host whose id changed takes its slot with it: which one, what stays of it, what refuses it',
  'proof of possession':
    'Hosts bound to keys: which key counts, who is asked for one, what binds anew, moves, releases',
  'resting slots':
    'Slots given up but taken until their tokens end: who takes them back, who frees them, what refuses it',
  'unseen hosts': 'Looking for them in bounded steps that pass over none; freeing only those still unseen',
  races:
    '50 claims at once and everything that can come between: releases, surrenders, new keys, resets, blocks, deletion',
  accounts: 'Every verb, called by another account: it finds nothing and changes nothing',
  values: 'Hostile strings, numbers, instants beyond the year 9999, copies rather than references',
  'values of sessions and webhooks': 'The same of what only some adapters keep',
  paging: 'Each list in pages: no row twice, none missing, rows of one instant too',
  housekeeping: 'What may be purged and when, to the millisecond, at most the limit',
  events: 'Each verb stores the events of the outcome that happened, and none of the others',
  idempotency: 'Each verb happens once per key, under races; mismatches; records that end',
  'events of replays': 'Events are stored once, whatever is replayed',
  'housekeeping of idempotency records': 'Records go at their expiry, not before',
  sessions: 'Seats, leases to the millisecond, lapsed sessions that hold none, order of refusals',
  'renewing and ending sessions': 'Nonces that are used up, leases read off the license, releases',
  'session races': '50 checkouts at once; one nonce used by many',
  revocations: 'What each verb puts on the list, how long it stays, a version that only grows',
  allowances: 'Limits in a sliding period, to the millisecond; a unit counts once; names, licenses, accounts apart',
  'races for allowances': '50 at once, resets and deletion among them',
  'webhook endpoints': 'Endpoints, and which events make deliveries',
  'webhook deliveries': 'Taking: leases, order per license, limits, inactive endpoints',
  'settled webhook deliveries': 'How attempts end, late answers, sending again, purging',
  'races for webhook deliveries': 'A delivery is taken by one of many, in order',
  'moving records between stores': 'Export and import bring every kind back as it was, in its order',
  'outcomes of an import': 'Stored, existing, conflict and orphan, for every kind',
  'stores that were imported': 'An imported store goes on: claims, counters, package ids, deliveries',
  persistence: 'Everything is there after reopening; closing waits for steps under way',
  'persistence of idempotency records': 'A step is replayed after reopening',
  'persistence of events': 'Events are there again, in order',
  'persistence of sessions': 'Used nonces stay used',
  'persistence of revocations': 'The version of the list goes on where it was',
  'persistence of webhook deliveries': 'What was taken is due when its lease ends, not before',
  'two handles on one store': 'The races over two handles, as of two processes; opening a new store at once',
  'session races over two handles': 'The races for seats over two handles',
  'races for allowances over two handles': 'The races for allowances over two handles',
  'races for webhook deliveries over two handles': 'The races for deliveries over two handles',
}

/** The guide with its tables as they must be now. */
export function withTables(guide: string): string {
  const [begin, end] = [guide.indexOf(BEGIN), guide.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`the guide has no place for its tables: ${BEGIN} … ${END}`)
  return `${guide.slice(0, begin + BEGIN.length)}\n\n${tables()}\n\n${guide.slice(end)}`
}

function tables(): string {
  const groups = allGroups.map(({ name, needs = [], tests }) => {
    const tries = TRIES[name]
    if (tries === undefined) throw new Error(`say in verdict-table.ts what the group "${name}" tries`)
    return [name, tries, needs.map((need) => `\`${need}\``).join(', '), String(Object.keys(tests).length)]
  })
  const order = allGroups.map(({ name }) => name)
  const verdicts = Object.entries(faults)
    .map(([name, { group }]) => [`… ${name}`, group])
    .sort(([, a = ''], [, b = '']) => order.indexOf(a) - order.indexOf(b))
  return [
    table(['Group', 'What it tries', 'Left out without', 'Tests'], groups),
    `And ${verdicts.length} adapters with one thing wrong each, with the group that notices:`,
    table(['An adapter that …', 'is noticed by'], verdicts),
  ].join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(GUIDE, withTables(readFileSync(GUIDE, 'utf8')))
}
