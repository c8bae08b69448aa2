import { STORIES } from './stories'

/** `docs/everyday.md`: the circumstances of the simulated year, with what each may cost. */
export function everydayPage(): string {
  const rows = STORIES.map(({ name, says, boundDays }) => `| ${name} | ${says} | ${boundDays} |`)
  return `# What everyday life costs those who have paid

Each circumstance, and for how many days somebody who has paid may be without a usable license for it. Nobody writes to the vendor in
any of them: the app asks by itself, or the person types the license key or picks a device in the list (\`selfService\`). License tokens
are for 14 days with 7 days of grace here, as by default; the app calls \`start()\`, and \`watch()\` renews. While there is no network, what
needs one waits for it.

\`npm run test:year\` lives them all with the kit and the server on clocks of their own: 500 people, a year in which the server is restored
twice, down for three days, moved after a loss, and has a wrong clock, a stolen signing key and a new publishable token. It fails where
somebody is without a license for longer.

| circumstance | what happens | days |
| --- | --- | --- |
${rows.join('\n')}
`
}
