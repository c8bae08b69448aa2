type Choices = Readonly<Record<string, readonly unknown[]>>

export type CaseOf<C extends Choices> = { readonly [N in keyof C]: C[N][number] }

/** Every combination of what can be chosen. */
export function casesOf<const C extends Choices>(choices: C): CaseOf<C>[] {
  return Object.entries(choices).reduce<object[]>(
    (made, [name, values]) => made.flatMap((given) => values.map((value) => ({ ...given, [name]: value }))),
    [{}],
  ) as CaseOf<C>[]
}
