import { revokeKeyInFile, rotateKeyringFile } from '../../../src/server/signing/keyring-file'

const [file = '', times = '0', ...leaked] = process.argv.slice(2)
for (const kid of leaked) await revokeKeyInFile(file, kid)
for (let done = 0; done < Number(times); done++) await rotateKeyringFile(file)
