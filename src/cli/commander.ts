import type * as typed from '@commander-js/extra-typings'
import * as commander from 'commander'

/**
 * commander's own classes, with the types of `@commander-js/extra-typings`: an action is given its options as their
 * declarations type them. That package is types only here; its module would bring a `require` into an ES module.
 */
export const Command = commander.Command as unknown as typeof typed.Command
export const Option = commander.Option as unknown as typeof typed.Option

export type Command = typed.Command
