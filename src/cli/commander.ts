import type * as typed from '@commander-js/extra-typings'
import * as commander from 'commander'

/**
 * commander's own classes, with the types of `@commander-js/extra-typings`: the options of an action have the types of
 * their declarations. Only types come from that package: its module calls `require`, which an ES module does not have.
 */
export const Command = commander.Command as unknown as typeof typed.Command
export const Option = commander.Option as unknown as typeof typed.Option

export type Command = typed.Command

/** The options of a command, as the function that declares them types them. */
export type OptionsOf<Declare extends (command: Command) => { opts(): unknown }> = Readonly<
  ReturnType<ReturnType<Declare>['opts']>
>
