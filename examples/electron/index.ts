import { start } from './main'

void start(process.argv.slice(1))
