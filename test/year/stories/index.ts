import type { Story } from '../story'
import { CLOCK_STORIES } from './clocks'
import { COMPUTER_STORIES } from './computers'
import { FOLDER_STORIES } from './folders'
import { NETWORK_STORIES } from './networks'

/** All that may happen to somebody who has paid. */
export const STORIES: readonly Story[] = [...FOLDER_STORIES, ...COMPUTER_STORIES, ...CLOCK_STORIES, ...NETWORK_STORIES]
