const banner = document.querySelector('[role=status]')
const words = document.querySelector('[role=status] span')
const button = document.querySelector('button')
const text = document.querySelector('textarea')

/** Quiet while all is well; a trial can be followed by a license key at any time. Without a license, the text can still be read and copied, and none of it is lost. */
function show({ status, usable, message, advice, trial }) {
  banner.hidden = status === 'valid' && trial === null
  words.textContent = [message, advice].filter(Boolean).join(' ')
  button.hidden = usable && trial === null
  text.readOnly = !usable
}

button.addEventListener('click', () => window.license.enterKey())
window.license.onChange(show)
window.license.view().then(show)
