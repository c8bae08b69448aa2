const form = document.querySelector('form')
const controls = document.querySelector('fieldset')
const status = document.querySelector('[role=status]')
const list = document.querySelector('ul')
const tryFirst = document.querySelector('#try')

function show({ message, advice, trial }) {
  status.textContent = [message, advice].filter(Boolean).join(' ')
  if (trial === 'none') tryFirst.hidden = true
}

/** Shows what comes of it, and returns the computers that can make room; everything rests meanwhile. */
async function ask(request) {
  controls.disabled = true
  list.replaceChildren()
  status.textContent = 'One moment…'
  try {
    // Where it is granted, the main process shows the next page.
    const answer = await request()
    show(answer)
    return answer.devices
  } catch {
    show({ message: 'Something went wrong in this app. Please write to us.' })
    return []
  } finally {
    controls.disabled = false
  }
}

/** Asks with a license key. The computers that are listed then are those of that key, whatever is typed afterwards. */
async function askWith(licenseKey, request) {
  const devices = await ask(request)
  list.replaceChildren(...devices.map((device) => itemFor(device, licenseKey)))
}

function itemFor({ device, name, lastSeen }, licenseKey) {
  const words = document.createElement('span')
  words.textContent = `${name}, last seen ${lastSeen} `
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Use this computer instead'
  button.addEventListener('click', () => askWith(licenseKey, () => window.license.moveHere(licenseKey, device)))
  const item = document.createElement('li')
  item.append(words, button)
  return item
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const licenseKey = new FormData(form).get('key')
  await askWith(licenseKey, () => window.license.activate(licenseKey))
})

tryFirst.addEventListener('click', () => ask(() => window.license.startTrial()))
window.license.onChange(show)
// Why this page is shown: no license yet, or what became of it.
window.license.view().then(show)
