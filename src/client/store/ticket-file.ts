const TICKET = /^uninstall-[A-Za-z0-9-]{1,64}\.ticket$/

/** The name of the file that holds a ticket. */
export function ticketFileOf({ idempotencyKey }: { readonly idempotencyKey: string }): string {
  return `uninstall-${idempotencyKey}.ticket`
}

export function isTicketFile(name: string): boolean {
  return TICKET.test(name)
}
