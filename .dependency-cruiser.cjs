/**
 * Who may import whom. `npm run lint` holds `src` to it, types included; `test/structure/floors.test.ts` shows that
 * every kind of rule fires.
 */

/** The folders of `src`. A folder lists the other folders it may import from. The command line may use them all. */
const HOUSES = {
  protocol: { may: [], comment: 'Both halves and third parties agree on the protocol, so it imports nothing of ours.' },
  files: { may: [], comment: 'Writing files safely is a tool of its own: it imports nothing of ours.' },
  waiting: { may: [], comment: 'Time limits and retries are a tool of their own: they import nothing of ours.' },
  domain: { may: ['protocol/'], comment: 'The rules know only values: the domain imports only the protocol.' },
  storage: {
    may: ['domain/', 'protocol/', 'files/', 'waiting/'],
    comment: 'Storage keeps the decisions of the domain, and knows neither services nor HTTP.',
  },
  testing: {
    may: ['storage/(?!index)[^/]+$', 'storage/stepper/', 'protocol/', 'client/'],
    comment: 'The conformance kit tries any storage: it knows the contract, no rule of licensing, and no adapter.',
  },
  server: {
    may: ['storage/(?!index)[^/]+$', 'storage/verbs/', 'domain/', 'protocol/', 'files/', 'waiting/'],
    comment:
      'The server knows the verbs of a store, the storage contract and no adapter. The server and the client never import each other.',
  },
  client: {
    may: ['protocol/', 'files/', 'waiting/'],
    comment:
      'The client ships inside apps: it knows only the protocol. The client and the server never import each other.',
  },
  cli: { may: 'anything' },
}

/** The floors inside a folder, the ground floor first: a file imports from its own floor and from those below. */
const FLOORS = {
  client: [
    'words',
    'files',
    'trust',
    'wire',
    'store',
    'host',
    'options',
    'kit-context',
    'check',
    'actions',
    'floating|uninstall|diagnosis',
    'license-kit',
    'index',
  ],
  storage: [
    'contract|dated-field|missing-peer|order|define-table|host-keys-field|lifecycle|outcome-codec|schema-upgrade',
    'memory|sqlite|postgres|stepper|tables|draws|records',
    'verbs',
    'index',
  ],
  server: [
    'signing',
    'service',
    'api|http|seat-options|package-version',
    'options',
    'events|housekeeping',
    'create-licensing',
    'index',
  ],
}

/** Where a package may be imported; a package that is not listed may be imported anywhere above the domain. */
const PACKAGES = {
  express: ['cli/serve/'],
  zod: ['protocol/schemas/', 'server/signing/keyring', 'cli/transfer/'],
  commander: ['cli/'],
  'better-sqlite3': ['storage/sqlite/'],
  pg: ['storage/postgres/'],
  'node-machine-id': ['client/host/'],
}

const below = (folder) => `^src/${folder}`
const anyOf = (patterns) => patterns.map(below)
const packages = (names) => `(^|node_modules/)(${names.join('|')})(/|$)`
const firstWord = (pattern) => /^\w+/.exec(pattern)[0]
const floorIn = (house, names) => `^src/${house}/(${names})(/|\\.ts$)`

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

const houseRules = Object.entries(HOUSES)
  .filter(([, { may }]) => may !== 'anything')
  .map(([house, { may, comment }]) =>
    rule(
      `${house}-imports-${may.length === 0 ? 'nothing-of-ours' : `only-${[...new Set(may.map(firstWord))].join('-')}`}`,
      comment,
      { path: below(`${house}/`) },
      { path: below(''), pathNot: anyOf([`${house}/`, ...may]) },
    ),
  )

const floorRules = Object.entries(FLOORS).flatMap(([house, floors]) => [
  rule(
    `every-file-of-${house}-has-a-floor`,
    `FLOORS in this file lists the floors of ${house}. A new file or folder needs its place there.`,
    {},
    { path: below(`${house}/`), pathNot: floorIn(house, floors.join('|')) },
  ),
  ...floors
    .slice(0, -1)
    .map((names, floor) =>
      rule(
        `${house}-${names.replaceAll('|', '-')}-imports-nothing-from-above`,
        `Imports point down: in ${house}, ${names.replaceAll('|', ', ')} may not import from a floor above.`,
        { path: floorIn(house, names) },
        { path: floorIn(house, floors.slice(floor + 1).join('|')) },
      ),
    ),
])

const packageRules = Object.entries(PACKAGES).map(([name, places]) =>
  rule(
    `${name}-stays-in-its-place`,
    `Only ${places.join(', ')} may import ${name}, so that the rest works without ${name}.`,
    { path: below(''), pathNot: anyOf(places) },
    { path: packages([name]) },
  ),
)

const ADAPTERS = below('storage/(memory|sqlite|postgres)/')

const specialRules = [
  rule(
    'adapters-do-not-import-each-other',
    'Each storage adapter works alone; code that two adapters share lies beside them in storage.',
    { path: ADAPTERS },
    { path: ADAPTERS, pathNot: below('storage/$1/') },
  ),
  rule(
    'the-contract-knows-no-adapter',
    'The contract and the code that adapters share know no adapter; only the entry exports one.',
    { path: below('storage/'), pathNot: [ADAPTERS, below('storage/index\\.ts$')] },
    { path: ADAPTERS },
  ),
  rule(
    'the-ground-is-pure',
    'The protocol and the domain only compute: of Node they use cryptography, and no files, network or timers.',
    { path: anyOf(['protocol/', 'domain/']) },
    { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
  ),
  rule(
    'the-ground-needs-no-package',
    'The protocol and the domain need no package; only the schemas of the protocol are written with zod.',
    { path: anyOf(['protocol/', 'domain/']) },
    { path: 'node_modules/', pathNot: packages(['zod']) },
  ),
  rule(
    'the-client-needs-no-schemas',
    'The client ships inside apps, and must not bring the schemas of the protocol, which need zod.',
    { path: below('client/') },
    { path: below('protocol/schemas/') },
  ),
  rule(
    'testing-takes-only-types-from-the-client',
    'The conformance kit may speak of the client, and must not bring it along.',
    { path: below('testing/') },
    { path: below('client/'), dependencyTypesNot: ['type-only'] },
  ),
]

module.exports = {
  forbidden: [
    rule('no-circles', 'Imports point one way, types included: no file reaches itself.', {}, { circular: true }),
    rule(
      'no-orphans',
      'A file that imports nothing and that nothing imports is of no use.',
      { orphan: true, pathNot: '\\.d\\.ts$' },
      {},
    ),
    rule(
      'no-imports-into-the-void',
      'Every import leads to a file or to an installed package.',
      {},
      { couldNotResolve: true },
    ),
    rule(
      'no-other-folders',
      'HOUSES in this file lists the folders of src. A new folder needs its place there.',
      { path: below(''), pathNot: anyOf(Object.keys(HOUSES).map((house) => `${house}/`)) },
      {},
    ),
    ...houseRules,
    ...specialRules,
    ...floorRules,
    ...packageRules,
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    skipAnalysisNotInRules: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
