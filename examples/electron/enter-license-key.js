const form = document.querySelector('form')
const controls = document.querySelector('fieldset')
const state = document.querySelector('#state')
const why = document.querySelector('#why')
const checkAgain = document.querySelector('#check-again')
const field = document.querySelector('#key')
const answer = document.querySelector('#answer')
const list = document.querySelector('#devices')
const tryFirst = document.querySelector('#try')
const saveRequest = document.querySelector('#save-request')
const openFile = document.querySelector('#open-file')
const dialog = document.querySelector('dialog')
const question = document.querySelector('#question')
const move = document.querySelector('#move')

const broken = { status: 'error', message: 'Something went wrong in this app. Please write to us.', devices: [] }

const inWords = ({ message, advice }) => [message, advice].filter(Boolean).join(' ')

/** Above the form: why this page is shown. There is no license yet, or something became of it. */
function showState(view) {
  state.hidden = false
  state.dataset.status = view.status
  why.textContent = inWords(view)
  checkAgain.hidden = !view.checkAgain && !view.usable
  checkAgain.textContent = view.usable ? 'Back to the editor' : 'Check again'
  tryFirst.hidden ||= view.trial !== null
}

/** Beside the field: what came of what was asked for. */
function tell({ status = 'busy', message, advice, wrongKey = false }) {
  answer.dataset.status = status
  answer.textContent = inWords({ message, advice })
  field.ariaInvalid = String(wrongKey)
}

/** Asks for something. Everything rests meanwhile; then the keyboard is where it was or, after an error, in the field. */
async function ask(request, licenseKey) {
  const asked = document.activeElement
  controls.disabled = true
  tell({ message: 'One moment…' })
  // Where it is granted, the main process shows the next page.
  const view = await request().catch(() => broken)
  controls.disabled = false
  asked.focus()
  // No file was chosen.
  if (view === null) return tell({})
  // The computers are those of the license key that was asked with, whatever is typed afterwards.
  list.replaceChildren(...view.devices.map((device) => itemFor(device, licenseKey)))
  if (view.trial === 'none') tryFirst.hidden = true
  if (view.status === 'error') {
    tell(view)
    field.focus()
    field.select()
  } else if (view.status === 'done') {
    tell(view)
  } else {
    tell({ message: view.usable ? '' : 'Checked just now.' })
    showState(view)
  }
}

function itemFor({ device, name, lastSeen }, licenseKey) {
  const words = document.createElement('div')
  const button = document.createElement('button')
  words.append(textOf(name), textOf(`last seen ${lastSeen}`, 'quiet'))
  button.type = 'button'
  button.textContent = 'Move here'
  button.ariaLabel = `Move here from ${name}`
  button.addEventListener('click', () => confirmMove({ device, name }, licenseKey))
  const item = document.createElement('li')
  item.className = 'device'
  item.append(words, button)
  return item
}

function textOf(words, className = '') {
  const element = document.createElement('span')
  element.className = className
  element.textContent = words
  return element
}

/** What "Move here" in the dialog does. */
let confirmed

/** Somebody may be at work there. */
function confirmMove({ device, name }, licenseKey) {
  question.textContent = `Move the license here from ${name}?`
  confirmed = () => ask(() => window.license.moveHere(licenseKey, device), licenseKey)
  dialog.showModal()
}

move.addEventListener('click', () => {
  dialog.close()
  return confirmed()
})

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const licenseKey = new FormData(form).get('key')
  await ask(() => window.license.activate(licenseKey), licenseKey)
})

tryFirst.addEventListener('click', () => ask(() => window.license.startTrial()))
checkAgain.addEventListener('click', () => ask(() => window.license.checkAgain()))
saveRequest.addEventListener('click', () => ask(() => window.license.saveRequest(new FormData(form).get('key'))))
openFile.addEventListener('click', () => ask(() => window.license.openFile()))
field.focus()
window.license.onChange(showState)
window.license.view().then(showState)
